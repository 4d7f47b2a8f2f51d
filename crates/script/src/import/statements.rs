//! Statements of the original's form.

use crate::{Block, SourceLine};
use redipy_command::{Result, Value};

use super::{Import, Named, Node, Step};

/// The file name in the locations of statements.
const FILE: &str = "statement";

impl Import {
    /// Reads a statement into a block.
    pub(super) fn statement(&mut self, block: &Block, command: &Value) -> Result<()> {
        let node = self.node(command)?;
        self.statements += 1;
        let place = SourceLine { file: FILE.into(), line: self.statements };
        place.during(|| match node.kind {
            "declare" => self.declaration(block, node),
            "assign" => {
                let var = self.target(self.node(self.field(node, "assign")?)?)?;
                block.assign(&var, self.value(node, "value")?);
                Ok(())
            }
            "assign_at" => {
                let (list, index) = (self.value(node, "assign")?, self.value(node, "index")?);
                block.set_at(list, index, self.value(node, "value")?);
                Ok(())
            }
            "assign_key" => {
                let (dict, key) = (self.value(node, "assign")?, self.value(node, "key")?);
                block.set_key(dict, key, self.value(node, "value")?);
                Ok(())
            }
            "stmt" => {
                block.add(self.value(node, "expr")?);
                Ok(())
            }
            "branch" => {
                let (then, other) = block.if_blocks(self.value(node, "condition")?);
                self.sequence(&then, node, "then")?;
                self.sequence(&other, node, "else")
            }
            "while" => {
                let body = block.while_block(self.value(node, "condition")?);
                self.sequence(&body, node, "body")
            }
            "for" => self.for_loop(block, node),
            "return" => {
                let has_value = !matches!(self.field(node, "value")?, Value::Null);
                if has_value {
                    block.returns(self.value(node, "value")?)
                } else {
                    block.returns_none()
                }
                Ok(())
            }
            kind => Err(self.wrong(format!("unknown kind of statement {kind:?}"))),
        })
    }

    fn declaration(&mut self, block: &Block, node: Node<'_>) -> Result<()> {
        let target = self.node(self.field(node, "assign")?)?;
        let name = self.text(target, "name")?;
        let value = self.value(node, "value")?;
        let named = match target.kind {
            "arg" | "key" if !self.assigned.contains(name) => Named::Fixed(value),
            "arg" | "key" | "var" | "index" => Named::Variable(block.local(value)),
            kind => return Err(self.wrong(format!("a {kind:?} cannot be declared"))),
        };
        self.declare(name, named);
        Ok(())
    }

    fn for_loop(&mut self, block: &Block, node: Node<'_>) -> Result<()> {
        let list = self.value(node, "array")?;
        let (index_name, item_name) = (self.name_of(node, "index")?, self.name_of(node, "value")?);
        let (body, index, item) = block.for_block(list);
        self.scopes.push([(index_name, Named::Variable(index)), (item_name, Named::Variable(item))].into());
        let result = self.sequence(&body, node, "body");
        self.scopes.pop();
        result
    }

    /// The name in the reference in a field.
    fn name_of(&self, node: Node<'_>, field: &str) -> Result<String> {
        let reference = self.node(self.field(node, field)?)?;
        Ok(self.text(reference, "name")?.to_owned())
    }

    /// Reads the sequence in a field into a block.
    fn sequence(&mut self, block: &Block, node: Node<'_>, field: &'static str) -> Result<()> {
        self.within(Step::Field(field), |import| {
            let sequence = import.node(import.field(node, field)?)?;
            match sequence.kind {
                "seq" => import.commands(block, sequence),
                kind => Err(import.wrong(format!("a sequence is wanted, not {kind:?}"))),
            }
        })
    }
}
