//! People go on while the fund's file is imported.

use crate::support::flows;
use poterne_idp::manage::{ImportOptions, ImportOutcome};
use std::fmt::Write;

flows! {
    async fn people_sign_in_while_thousands_are_imported(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&browser.page).await;
        let mut file = "registry_no,last_name,first_name,avs_number,birth_date\n".to_owned();
        for n in 0..6_000_u32 {
            let digits = format!("7569{n:08}");
            let weights = [1, 3].into_iter().cycle();
            let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            writeln!(file, "P{n},Name{n},Vorname,{digits}{},12.03.1984", (10 - sum % 10) % 10).expect("a string");
        }
        // By another process, as the command is one.
        let (_, idp, _) = world.beside().await;
        let options = ImportOptions { apply: true, ..ImportOptions::dry_run("persons.csv") };
        let importing = tokio::spawn(async move {
            idp.manage().import_persons("lindenhof", std::io::Cursor::new(file), options).await
        });
        let mut signed_in = 0;
        while !importing.is_finished() {
            browser.visit(&flex.sign_in()).await;
            flex.tokens_from(&browser.page).await;
            signed_in += 1;
        }
        let report = importing.await.expect("no panic").expect("it is imported");
        assert_eq!((report.outcome, report.new), (ImportOutcome::Applied, 6_000));
        assert!(signed_in > 3, "{signed_in} signed in meanwhile");
        browser.visit(&flex.sign_in()).await;
        flex.tokens_from(&browser.page).await;
    }
}
