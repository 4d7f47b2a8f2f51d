//! Every program here runs twice against a real server: as Lua, and on the register machine whose commands go to the
//! server one by one. Reply, error and final keyspace must be the same, and as expected.

use redipy_script::Value;

use crate::programs::{self, Case, cases};
use crate::server::{Client, Server};

/// What a script answered, as one text.
fn show(result: &redipy_script::Result<Value>) -> String {
    match result {
        Ok(value) => programs::text_of(value),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

fn prepare(client: &mut Client, case: &Case) {
    client.line("FLUSHALL").expect("flushed");
    for line in case.setup {
        client.line(line).unwrap_or_else(|error| panic!("{}: {line}: {error}", case.name));
    }
}

#[test]
fn lua_and_machine_agree() {
    let Some(server) = Server::start() else { return };
    let (mut resp2, mut resp3) = (server.connect(2), server.connect(3));
    let mut failures = Vec::new();
    for case in cases() {
        let script = match case.draft.compile() {
            Ok(script) => script,
            Err(error) => {
                failures.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        let call = (case.call)(script.prepare());
        prepare(&mut resp3, &case);
        let machine = show(&call.run(&mut resp3));
        let machine_keys = resp3.dump();
        for client in [2, 3] {
            prepare(&mut resp3, &case);
            let lua = show(&if client == 2 { resp2.eval(&call) } else { resp3.eval(&call) });
            let lua_keys = resp3.dump();
            if lua != machine || lua_keys != machine_keys {
                failures.push(format!(
                    "{} (RESP{client}):\n  machine {machine}\n          {machine_keys:?}\n  lua     {lua}\n          {lua_keys:?}\n{}",
                    case.name,
                    script.lua()
                ));
            }
        }
        if machine != case.expected {
            failures.push(format!("{}:\n  expected {}\n  got      {machine}", case.name, case.expected));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
