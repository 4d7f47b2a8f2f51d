//! Connecting, logging in, and connecting again.

use std::time::Duration;

use redipy_backend::Backend;
use redipy_command::{Kind, Value};
use redipy_conformance::server::{Flavor, Options};
use redipy_remote::{Config, Remote};

use crate::support::{call, config, own_server, request};

/// After this time without a call, a connection is not trusted.
const A_WHILE: Duration = Duration::from_millis(600);

#[test]
fn nothing_is_connected_before_the_first_call() {
    let Some(mut server) = own_server(Flavor::Redis82, Options::default()) else { return };
    server.stop();
    let remote = Remote::new(config(&server));
    let error = call(&remote, "SET a b").expect_err("no server");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false), "{error}");
    assert!(error.message().contains(&format!("127.0.0.1:{}", server.port())), "{error}");

    server.restart().expect("restarts");
    assert_eq!(call(&remote, "SET a b"), Ok(Value::OK));
}

#[test]
fn a_restart_is_noticed_before_anything_is_sent() {
    for flavor in Flavor::ALL {
        let Some(mut server) = own_server(flavor, Options::default()) else { continue };
        let remote = Remote::new(config(&server));
        assert_eq!(call(&remote, "SET a 1"), Ok(Value::OK));
        server.restart().expect("restarts");
        std::thread::sleep(A_WHILE);
        assert_eq!(call(&remote, "INCR a"), Ok(Value::Int(1)), "{flavor}");

        // What only reads is repeated, however short ago the connection was good.
        server.restart().expect("restarts");
        assert_eq!(call(&remote, "GET a"), Ok(Value::Null), "{flavor}");
        server.restart().expect("restarts");
        std::thread::sleep(A_WHILE);
        let pipeline = remote.pipeline(&[request("INCR a"), request("INCR a")].into());
        assert_eq!(pipeline, Ok(vec![Ok(Value::Int(1)), Ok(Value::Int(2))]), "{flavor}");
    }
}

#[test]
fn a_stopped_server_is_an_error_each_time() {
    let Some(mut server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = Remote::new(config(&server));
    assert_eq!(call(&remote, "SET a 1"), Ok(Value::OK));
    server.stop();
    for text in ["GET a", "SET a 2", "GET a"] {
        assert_eq!(call(&remote, text).map_err(|error| error.kind()), Err(Kind::Connection), "{text}");
    }
    assert_eq!(remote.session().map(|_| ()).map_err(|error| error.kind()), Err(Kind::Connection));
    assert_eq!(remote.subscribe(&[]).map(|_| ()).map_err(|error| error.kind()), Err(Kind::Connection));
}

#[test]
fn passwords_are_checked() {
    for flavor in Flavor::ALL {
        let options = Options { password: Some("sesame".into()), ..Options::default() };
        let Some(server) = own_server(flavor, options) else { continue };
        let with = |user: Option<&str>, password: Option<&str>| {
            let mut config = config(&server);
            (config.user, config.password) = (user.map(Into::into), password.map(Into::into));
            Remote::new(config)
        };
        assert_eq!(call(&with(None, Some("sesame")), "SET a 1"), Ok(Value::OK), "{flavor}");
        assert_eq!(call(&with(Some("default"), Some("sesame")), "GET a"), Ok("1".into()), "{flavor}");

        let wrong = call(&with(None, Some("hunter2")), "GET a").expect_err("a wrong password");
        assert_eq!((wrong.kind(), wrong.code()), (Kind::Auth, "WRONGPASS"), "{flavor}");
        assert!(!wrong.message().contains("hunter2") && wrong.message().contains("127.0.0.1"), "{wrong}");
        let none = call(&with(None, None), "GET a").expect_err("no password");
        assert_eq!((none.kind(), none.code()), (Kind::Auth, "NOAUTH"), "{flavor}");
        assert!(!none.may_have_run());

        let admin = with(None, Some("sesame"));
        call(&admin, "ACL SETUSER anna on >pw ~* +get +select +hello").expect("a user");
        let anna = with(Some("anna"), Some("pw"));
        assert_eq!(call(&anna, "GET a"), Ok("1".into()), "{flavor}");
        assert_eq!(call(&anna, "SET a 2").map_err(|error| error.kind()), Err(Kind::Auth), "{flavor}");
    }
}

#[test]
fn every_connection_has_database_and_name() {
    for flavor in Flavor::ALL {
        let Some(server) = own_server(flavor, Options::default()) else { continue };
        let mut config = config(&server);
        config.database = 3;
        config.client_name = Some("the-tests".into());
        let remote = Remote::new(config.clone());
        assert_eq!(call(&remote, "SET a in-3"), Ok(Value::OK));
        let list =
            call(&remote, "CLIENT LIST").and_then(|list| list.decode::<redipy_command::Bytes>()).expect("a list");
        assert!(list.to_text().contains(" name=the-tests "), "{list}");
        if flavor != Flavor::Redis70 {
            assert!(list.to_text().contains(" lib-name=redipy "), "{list}");
        }
        let other = Remote::new(Config { database: 0, client_name: None, ..config.clone() });
        assert_eq!(call(&other, "GET a"), Ok(Value::Null));
        assert!(remote.describe().ends_with("/3"));

        let outside = Remote::new(Config { database: 99, ..config.clone() });
        let error = call(&outside, "GET a").expect_err("no such database");
        assert!(error.message().starts_with("ERR DB index is out of range (connecting to redis://"), "{error}");
        let bad = Remote::new(Config { client_name: Some("two words".into()), ..config });
        let error = call(&bad, "GET a").expect_err("no such name");
        assert!(error.message().starts_with("ERR Client names cannot contain"), "{error}");
    }
}

#[test]
fn unix_sockets_work() {
    for flavor in Flavor::ALL {
        let Some(server) = own_server(flavor, Options { unix_socket: true, ..Options::default() }) else { continue };
        let path = server.socket_path().expect("a socket");
        let remote = Remote::new(Config::unix(&path));
        assert_eq!(call(&remote, "SET a 1"), Ok(Value::OK));
        assert_eq!(call(&remote, "GET a"), Ok("1".into()));
        assert_eq!(remote.describe(), format!("unix://{}", path.display()));

        let missing = Remote::new(Config::unix(path.with_file_name("no-socket")));
        let error = call(&missing, "SET a 1").expect_err("no socket");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false), "{error}");
    }
}

#[test]
fn names_that_do_not_exist_are_connection_errors() {
    let remote = Remote::new(Config::tcp("no-such-host.invalid", 6379));
    let error = call(&remote, "SET a 1").expect_err("no host");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
    assert!(error.message().contains("redis://no-such-host.invalid:6379/0"), "{error}");
}

#[test]
fn timeouts_of_zero_are_refused() {
    let mut config = Config::tcp("127.0.0.1", 1);
    config.connect_timeout = Duration::ZERO;
    assert_eq!(call(&Remote::new(config), "PING").map_err(|error| error.kind()), Err(Kind::Config));
}

#[test]
fn threads_share_a_client() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let mut config = config(&server);
    config.pool_size = 3;
    let remote = Remote::new(config);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let remote = &remote;
            scope.spawn(move || {
                for round in 0..200 {
                    call(remote, "INCR all").expect("counts");
                    let own = format!("t{thread}-{round}");
                    assert_eq!(call(remote, &format!("ECHO {own}")), Ok(own.as_str().into()));
                }
            });
        }
    });
    assert_eq!(call(&remote, "GET all"), Ok("1600".into()));
    let list = call(&remote, "CLIENT LIST").and_then(|list| list.decode::<redipy_command::Bytes>()).expect("a list");
    assert!(list.to_text().matches("lib-name=redipy").count() <= 3, "{list}");
}
