//! The program text and the Lua of every example script, for review.

use redipy_script::{Block, script};

fn shown(build: fn(&Block)) -> String {
    let script = script(build).compile().expect("a correct script");
    format!("{}\nreach {:?}\n\n{}", script.ir(), script.reach(), script.lua())
}

macro_rules! snapshots {
    ($($name:ident),* $(,)?) => { $(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), shown(crate::programs::examples::$name));
        }
    )* };
}

snapshots! {
    filter_list,
    stack_set_value,
    stack_get_value,
    stack_pop_frame,
    stack_get_cascading,
    worker_take,
    worker_finish,
    rate_limit,
    lock_acquire,
    lock_release,
    lock_extend,
    leaderboard,
}
