//! Tenants from the command line: hosts, disabling, enabling, deleting.

use serde_json::json;

use crate::run::{command, folder_with_demo, json};

#[test]
fn hosts_are_given_shown_and_replaced() {
    let folder = folder_with_demo();
    let ran = command(&folder, "tenants create shop --host www.shop.example --host shop.example --host shop.example");
    assert_eq!((ran.code, ran.out.as_str()), (0, "shop\n"), "{}", ran.err);
    assert_eq!(command(&folder, "tenants hosts shop").out, "shop.example\nwww.shop.example\n");
    assert_eq!(command(&folder, "tenants hosts demo").out, "");
    let ran = command(&folder, "tenants hosts shop --set localhost:8787 --set b.example");
    assert_eq!((ran.code, ran.out.as_str()), (0, "b.example\nlocalhost:8787\n"));
    assert_eq!(json(&folder, "tenants list --json")["tenants"][1]["hosts"], json!(["b.example", "localhost:8787"]));
    assert!(command(&folder, "tenants list").out.contains("b.example, localhost:8787"));

    for words in ["tenants hosts demo --set a.example --set b.example", "tenants create blog --host b.example"] {
        let ran = command(&folder, words);
        assert_eq!((ran.code, ran.err.as_str()), (1, "sealgate: another tenant has the host b.example\n"), "{words}");
    }
    assert_eq!(command(&folder, "tenants hosts demo").out, "", "all of it happened, or nothing did");
    assert_eq!(command(&folder, "tenants hosts blog").code, 3);
    assert_eq!(command(&folder, "tenants hosts shop --any").out, "");
    assert_eq!(command(&folder, "tenants hosts demo --set b.example").code, 0);

    for (host, reason) in
        [("Shop.example", "lower case"), ("https://shop.example", "without scheme"), ("*.a", "wildcard")]
    {
        let ran = command(&folder, &format!("tenants hosts demo --set {host}"));
        assert!(ran.code == 2 && ran.err.contains(host) && ran.err.contains(reason), "{}", ran.err);
    }
    assert_eq!(command(&folder, "tenants hosts demo --any --set a.example").code, 2);
    let many: Vec<String> = (0..101).map(|number| format!("--set h{number}.example")).collect();
    let ran = command(&folder, &format!("tenants hosts demo {}", many.join(" ")));
    assert_eq!((ran.code, ran.err.as_str()), (2, "sealgate: hosts: a tenant may have at most 100\n"));
}

#[test]
fn a_tenant_is_disabled_and_enabled_again() {
    let folder = folder_with_demo();
    let cookies = command(&folder, "mint --tenant demo --actor-id ada").out;
    let cookie = cookies.split(['=', ';']).nth(1).unwrap();
    let ran = command(&folder, "tenants disable demo");
    assert_eq!((ran.code, ran.out.as_str()), (0, "disabled tenant demo (sessions ended: 1)\n"));
    assert!(command(&folder, "tenants disable demo").out.starts_with("tenant demo was disabled already, 20"));
    assert!(json(&folder, "tenants list --json")["tenants"][0]["disabled_at"].is_string());
    let ran = command(&folder, "mint --tenant demo --actor-id ada");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (3, "", "sealgate: the tenant demo is disabled\n"));
    assert_eq!(command(&folder, &format!("inspect {cookie}")).code, 3);

    assert_eq!(command(&folder, "tenants enable demo").out, "enabled tenant demo\n");
    assert_eq!(command(&folder, "tenants enable demo").out, "tenant demo was enabled already\n");
    assert_eq!(command(&folder, &format!("inspect {cookie}")).code, 3, "what ended stays ended");
    assert_eq!(command(&folder, "mint --tenant demo --actor-id ada").code, 0);
    for words in ["tenants disable nobody", "tenants enable nobody"] {
        let ran = command(&folder, words);
        assert_eq!((ran.code, ran.err.as_str()), (3, "sealgate: there is no tenant nobody\n"));
    }
}

#[test]
fn deleting_asks_to_be_sure_and_nobody_can_be_asked_here() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "mint --tenant demo --actor-id ada").code, 0);
    for words in ["tenants delete demo", "tenants delete demo --confirm other", "tenants delete demo --confirm DEMO"] {
        let ran = command(&folder, words);
        let expected = "sealgate: --confirm: must repeat the tenant's id, demo; nothing was deleted\n";
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", expected), "{words}");
    }
    assert_eq!(json(&folder, "tenants list --json")["tenants"][0]["live_sessions"], 1);
    let ran = command(&folder, "tenants delete demo --confirm demo");
    let expected = "deleted tenant demo (sessions: 1, keys: 2, service tokens: 0)\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected), "{}", ran.err);
    assert_eq!(json(&folder, "tenants list --json"), json!({ "tenants": [] }));
    assert_eq!(command(&folder, "tenants delete demo --confirm demo").code, 3);
    assert_eq!(command(&folder, "tenants create demo").code, 0, "the name is free again");
}
