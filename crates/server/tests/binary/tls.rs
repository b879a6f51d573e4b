//! The server's own TLS.

use std::process::Command;

use crate::running::{SetUp, complained, program, request};

#[test]
fn a_certificate_is_served_and_a_wrong_one_is_refused() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("not run: openssl is not installed");
        return;
    }
    let setup = SetUp::new("cloud-user-pin");
    let (certificate, key) = (setup.path("certificate.pem"), setup.path("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success());
    let config = std::fs::read_to_string(&setup.config).unwrap();
    std::fs::write(
        &setup.config,
        format!("{config}\n[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n"),
    )
    .unwrap();
    let mut child = program()
        .args(["serve", "--config", &setup.config])
        .spawn()
        .unwrap();
    while request(setup.operations, "GET", "/readyz", &[], "").map_or(0, |answer| answer.status) != 200 {
        assert!(child.try_wait().unwrap().is_none(), "the server ended");
        std::thread::yield_now();
    }
    let answer = Command::new("curl")
        .args(["-sS", "--cacert"])
        .arg(&certificate)
        .args([
            "--retry",
            "5",
            "--retry-connrefused",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code} %{ssl_verify_result}",
        ])
        .arg(format!("https://127.0.0.1:{}/healthz", setup.address.port()))
        .output()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        crate::running::text(&answer.stdout),
        "200 0",
        "{}",
        crate::running::text(&answer.stderr)
    );
    std::fs::write(&key, "no key").unwrap();
    let told = complained(&setup.run(&["serve"]));
    assert!(told.contains("no certificate with its key"), "{told}");
}
