//! The employer's first administrator, row by row (V-01 to V-32), and what a portal says to who is not its own.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::flows;
use crate::support::journey::{step_of, totp};
use crate::support::people::Person;
use crate::support::portal::{Portal, STATE, payload};
use crate::support::subjects::Subject;

/// What is wrong with the form, as it is said above it.
fn said(browser: &Browser) -> String {
    let (_, summary) = browser.page.html.split_once("<div class=\"summary\"").expect("something is wrong");
    let (summary, _) = summary.split_once("</ul>").expect("a list");
    summary.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim()).collect::<Vec<_>>().join(" ")
}

/// The page's heading.
fn heading(browser: &Browser) -> String {
    let (_, rest) = browser.page.html.split_once("<h1>").expect("a heading");
    rest.split("</h1>").next().expect("its end").to_owned()
}

/// The buttons of the form, by what they post.
fn buttons(browser: &Browser) -> Vec<String> {
    let html = browser.page.html.split("<div class=\"buttons\">").nth(1).expect("buttons");
    let html = html.split("</div>").next().expect("their end");
    html.split("value=\"").skip(1).filter_map(|part| part.split('"').next()).map(str::to_owned).collect()
}

/// The bakery at step 1 of a browser of its own.
async fn at_step_1(world: &World) -> (Subject, Browser) {
    let (bakery, portal) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await);
    let mut browser = world.browser();
    browser.begin_as(&portal, "employer").await;
    (bakery, browser)
}

async fn at_step_2(world: &World) -> (Subject, Browser) {
    let (bakery, mut browser) = at_step_1(world).await;
    browser.identify_as(&bakery).await;
    (bakery, browser)
}

async fn at_step_3(world: &World) -> (Subject, Browser) {
    let (bakery, mut browser) = at_step_2(world).await;
    browser.give_data_as(&bakery, bakery.email).await;
    (bakery, browser)
}

async fn at_step_4(world: &World) -> (Subject, Browser) {
    let (bakery, mut browser) = at_step_3(world).await;
    browser.confirm_email(world, bakery.email).await;
    (bakery, browser)
}

flows! {
    async fn v_02_v_05_the_login_page_guides_who_comes_first_and_asks_them_for_nothing(world) {
        let (portal, mut browser) = (world.employers().await, world.browser());
        browser.visit(&portal.sign_in()).await;
        assert_eq!(heading(&browser), "Connexion");
        browser.page.says("Première connexion").says("entrez votre nom d'utilisateur et votre mot de passe").says("Lindenhof Employeurs");
        browser.follow("S'enregistrer →").await;
        assert_eq!(browser.page.status, 200);
    }

    async fn v_07_the_population_is_chosen_among_others_and_the_portals_own_comes_first(world) {
        for (portal, first, second) in [
            (world.employers().await, "Employeur", "Assurés ou pensionnés"),
            (world.flex().await, "Assurés ou pensionnés", "Employeur"),
        ] {
            let mut browser = world.browser();
            browser.visit(&portal.sign_in()).await;
            browser.follow("register").await.says("Qui êtes-vous ?");
            let text = browser.page.text();
            let at = |name: &str| text.find(name).unwrap_or_else(|| panic!("{name} is missing: {text}"));
            assert!(at(first) < at(second), "{text}");
        }
        let mut browser = world.browser();
        browser.visit(&world.employers().await.sign_in()).await;
        browser.follow("register").await;
        browser.follow("Employeur").await.says("N° de l'entreprise");
    }

    /// The fund's name, the population as heading and the five steps, from the first screen to the last.
    async fn v_08_v_09_v_10_every_screen_shows_fund_population_and_five_steps(world) {
        let (bakery, portal, mut browser) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await, world.browser());
        browser.visit(&portal.sign_in()).await.says("Caisse de pension Lindenhof");
        browser.follow("register").await.says("Caisse de pension Lindenhof");
        let check = |browser: &Browser, step: usize| {
            let page = &browser.page;
            page.says("Caisse de pension Lindenhof");
            assert_eq!(heading(browser), "Employeur", "step {step}");
            for name in ["Identification", "Données d'utilisateur", "Confirmer l'e-mail", "Sélection à deux facteurs", "Confirmez les deux facteurs"] {
                page.says(name);
            }
            let current = page.html.split("aria-current=\"step\"").nth(1).expect("a current step");
            assert!(current.starts_with(&format!("><span class=\"n\">{step}<")), "step {step}: {current:.40}");
        };
        browser.follow("population-employer").await;
        check(&browser, 1);
        browser.identify_as(&bakery).await;
        check(&browser, 2);
        browser.give_data_as(&bakery, bakery.email).await;
        check(&browser, 3);
        browser.confirm_email(world, bakery.email).await;
        check(&browser, 4);
        browser.submit(&[("factor", "sms"), ("phone", bakery.phone), ("action", "next")]).await;
        check(&browser, 5);
        let code = world.mailbox.first(bakery.phone).await.code();
        browser.type_code(&code).await;
        assert_eq!(heading(&browser), "Employeur");
        browser.page.says("Caisse de pension Lindenhof");
    }

    async fn v_11_company_number_name_and_code_identify_whatever_way_the_name_is_written(world) {
        let (bakery, mut browser) = at_step_1(world).await;
        browser.page.says("Veuillez entrer les identifiants.").says("N° de l'entreprise").says("Nom de l'entreprise").says("Code d'activation");
        browser.page.hides("Numéro AVS").hides("Date de naissance");
        let step_1 = browser.page.clone();
        for name in ["boulangerie du lac", "BOULANGERIE DU LAC SA", "Boulangerie du Lac S.à r.l.", "au four du lac"] {
            browser.page = step_1.clone();
            browser.identify_as(&bakery.with("company_name", name)).await;
            assert_eq!(step_of(&browser.page.url), "data", "{name}: {}", browser.page.text());
        }
        browser.page = step_1.clone();
        browser.identify_as(&bakery.with("company_no", "10'428")).await;
        assert_eq!(step_of(&browser.page.url), "data");
    }

    /// Whichever field is wrong: the same sentence, at no field. A legal form alone is a mistake of form: it costs no try.
    async fn v_11_nothing_tells_which_identifier_failed(world) {
        let (bakery, mut browser) = at_step_1(world).await;
        let holzbau = world.send_code_to(Subject::holzbau()).await;
        let wrong = [
            bakery.with("company_no", "10977"),
            bakery.with("company_no", "99999"),
            bakery.with("company_name", "Boulangerie du Bois"),
            bakery.with("company_name", "Holzbau Amstutz AG"),
            Subject { code: holzbau.code.clone(), ..bakery.clone() },
        ];
        let mut answers = Vec::new();
        for subject in &wrong {
            browser.identify_as(subject).await;
            assert_eq!(browser.page.status, 422);
            assert!(!browser.page.html.contains("class=\"fault\""), "no field is named");
            answers.push(said(&browser));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0] && answer.contains("Nous ne reconnaissons pas ces indications")), "{answers:?}");
        for name in ["SA", "& Cie", "S.à r.l."] {
            for _ in 0..3 {
                browser.identify_as(&holzbau.with("company_name", name)).await;
                browser.page.says("pas sa forme juridique seule");
            }
        }
        browser.identify_as(&holzbau).await;
        assert_eq!(step_of(&browser.page.url), "data", "mistakes of form cost no try: {}", browser.page.text());
    }

    async fn v_12_v_13_the_page_says_where_number_name_and_code_are_found(world) {
        let (_, browser) = at_step_1(world).await;
        for field in ["company_no-hint", "company_name-hint"] {
            assert!(browser.page.text_of(field).contains("convention d'affiliation"), "{field}");
        }
        assert!(browser.page.text_of("code-hint").contains("par la poste"));
    }

    async fn v_14_c_12_who_lost_the_code_reads_how_to_ask_for_it_again(world) {
        let (_, browser) = at_step_1(world).await;
        let asked = browser.page.html.split("id=\"code-lost\"").nth(1).expect("it is there").split("</form>").next().expect("its end");
        for words in ["Code perdu\u{a0}?", "Caisse de pension Lindenhof", "par la poste", "tel:+41215550110", "mailto:portail@lindenhof.example"] {
            assert!(asked.contains(words), "«{words}» is not in {asked}");
        }
        assert!(asked.contains("ni par téléphone ni par e-mail"), "c_12");
    }

    async fn v_15_the_terms_are_read_and_accepted_in_step_1(world) {
        let (bakery, mut browser) = at_step_1(world).await;
        browser.page.says("J'ai lu les conditions d'utilisation et je les accepte.");
        let mut reader = browser.clone();
        reader.follow("Lire les conditions d'utilisation").await.says("premier accès de l'entreprise");
        let without: Vec<_> = bakery.typed().into_iter().filter(|(field, _)| *field != "terms").collect();
        browser.submit(&without).await;
        browser.page.says("Veuillez lire et accepter les conditions d'utilisation.");
        browser.identify_as(&bakery).await;
        assert_eq!(step_of(&browser.page.url), "data");
    }

    async fn v_16_v_24_the_buttons_of_each_step(world) {
        let (bakery, mut browser) = at_step_1(world).await;
        assert_eq!(buttons(&browser), ["next", "cancel"], "step 1 has no «Retour»");
        browser.identify_as(&bakery).await;
        assert_eq!(buttons(&browser), ["next", "back", "cancel"]);
        browser.page.says("Suivant").says("Retour").says("Annuler");
        browser.give_data_as(&bakery, bakery.email).await;
        assert_eq!(buttons(&browser), ["next", "back", "cancel"]);
    }

    async fn v_17_v_19_v_20_step_2_asks_for_title_names_address_and_the_password_twice(world) {
        let (bakery, mut browser) = at_step_2(world).await;
        let page = browser.page.clone();
        page.says("Titre de civilité").says("Nom").says("Prénom").says("Adresse e-mail").says("votre nom d'utilisateur");
        page.says("Mot de passe").says("Répéter le mot de passe");
        assert!(page.html.contains("<option value=\"\">Sélectionner</option>"), "nothing is chosen beforehand");
        for title in ["Madame", "Monsieur", "Sans titre"] {
            page.says(title);
        }
        let rule = page.text_of("rule");
        assert!(rule.contains("au moins 8 caractères") && rule.contains("des chiffres, des minuscules, des majuscules et des caractères spéciaux"), "{rule}");
        let complete = [("title", "ms"), ("family_name", "Rochat"), ("given_name", "Sophie"), ("email", bakery.email), ("password", bakery.password)];
        for missing in ["title", "family_name", "given_name"] {
            let fields: Vec<_> = complete.iter().copied().filter(|(field, _)| *field != missing).chain([("password_repeat", bakery.password), ("action", "next")]).collect();
            browser.submit(&fields).await;
            assert_eq!(browser.page.status, 422, "{missing}");
            assert!(browser.page.html.contains(&format!("id=\"{missing}-error\"")), "{missing}");
        }
        let fields: Vec<_> = complete.into_iter().chain([("password_repeat", "Croissant-Froid-10428"), ("action", "next")]).collect();
        browser.submit(&fields).await;
        browser.page.says("Les deux mots de passe ne sont pas identiques.");
        browser.give_data_as(&bakery, bakery.email).await;
        assert_eq!(step_of(&browser.page.url), "email");
        browser.submit(&[("action", "back")]).await;
        assert_eq!(browser.page.value("family_name").as_deref(), Some("Rochat"), "names stay");
        assert!(browser.page.html.contains("<option value=\"ms\" selected>"));
    }

    async fn v_18_a_password_needs_eight_characters_of_four_groups(world) {
        let (bakery, mut browser) = at_step_2(world).await;
        for (password, words) in [("Ab1!xyz", "au moins 8 caractères"), ("croissant-chaud-1", "Il manque au mot de passe")] {
            browser.give_data_as(&Subject { password, ..bakery.clone() }, bakery.email).await;
            browser.page.says(words);
        }
    }

    /// Sophie is insured and enrolled; for the bakery she needs a second address. Nobody but the mailbox's owner learns of the first.
    async fn v_21_one_mailbox_has_one_account_across_populations_and_the_page_does_not_tell(world) {
        let (sophie, flex) = (world.invite(Person::named("Sophie")).await, world.flex().await);
        let mut insured = world.browser();
        insured.enroll_by_sms(world, &sophie, &flex).await;
        insured.page.says("C'est fait !");
        let mails = 2;
        world.mailbox.wait_for(&sophie.email(), mails).await;
        let (bakery, mut browser) = at_step_2(world).await;
        let step_2 = browser.page.clone();
        browser.give_data_as(&bakery, &sophie.email()).await;
        let plain = |browser: &Browser, email: &str| {
            let id = browser.page.url.rsplit('/').nth(1).expect("an id").to_owned();
            (browser.page.status, browser.page.html.replace(&id, "ID").replace(email, "ADDRESS"))
        };
        let taken = plain(&browser, &sophie.email());
        let told = world.mailbox.wait_for(&sophie.email(), mails + 1).await;
        assert!(told.text.contains("Il existe déjà un accès avec cette adresse") && told.text.contains("comme employeur"), "{told:?}");
        assert!(!told.text.contains("Assurés"), "not which: {told:?}");
        browser.page = step_2;
        browser.give_data_as(&bakery, bakery.email).await;
        assert_eq!(plain(&browser, bakery.email), taken, "byte for byte");
        browser.confirm_email(world, bakery.email).await;
        browser.submit(&[("factor", "sms"), ("phone", bakery.phone), ("action", "next")]).await;
        let code = world.mailbox.first(bakery.phone).await.code();
        browser.type_code(&code).await;
        browser.page.says("C'est fait !").says(bakery.email);
    }

    async fn v_22_v_23_v_25_the_code_is_mailed_at_once_and_step_3_says_so(world) {
        let (bakery, mut browser) = at_step_3(world).await;
        let mail = world.mailbox.first(bakery.email).await;
        browser.page.says("Nous avons envoyé un code de confirmation à").says(bakery.email).says("Code de confirmation");
        browser.page.says("regardez dans le dossier des courriers indésirables (spam)");
        browser.type_code(&mail.code()).await;
        assert_eq!(step_of(&browser.page.url), "factor");
    }

    async fn v_26_v_27_the_second_factor_is_explained_chosen_and_the_number_asked_for(world) {
        let (bakery, mut browser) = at_step_4(world).await;
        browser.page.says("en plus protégé par une authentification à deux facteurs");
        browser.page.says("SMS sur un téléphone mobile").says("Application d'authentification").says("Numéro de téléphone mobile");
        browser.submit(&[("action", "next")]).await;
        assert_eq!(browser.page.status, 422, "one is chosen");
        browser.submit(&[("factor", "sms"), ("phone", ""), ("action", "next")]).await;
        assert!(browser.page.html.contains("id=\"phone-error\""));
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 41"), ("action", "next")]).await;
        assert_eq!(world.mailbox.first(bakery.phone).await.to, bakery.phone);
    }

    async fn v_28_v_29_six_digits_by_sms_signed_by_the_fund_are_typed(world) {
        let (bakery, mut browser) = at_step_4(world).await;
        browser.submit(&[("factor", "sms"), ("phone", bakery.phone), ("action", "next")]).await;
        let sms = world.mailbox.first(bakery.phone).await;
        let lines: Vec<&str> = sms.text.lines().collect();
        assert_eq!(lines[0], format!("Votre code: {}", sms.code()));
        assert!(lines.contains(&"Cordialement,") && lines.contains(&"Caisse de pension Lindenhof"), "{lines:?}");
        browser.page.says("+41 79 000 00 41").says("Code de confirmation");
        browser.type_code(&sms.code()).await;
        browser.page.says("C'est fait !");
    }

    async fn v_30_a_qr_code_is_scanned_and_the_apps_code_typed(world) {
        let (_, mut browser) = at_step_4(world).await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        browser.page.says("scannez ce code QR").says("Recopiez le code que l'application affiche.");
        assert!(browser.page.html.contains("<svg"));
        assert!(browser.page.link("Ouvrir l'application").is_some_and(|uri| uri.starts_with("otpauth://totp/")));
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        browser.type_code(&totp(&secret, world)).await;
        browser.page.says("C'est fait !");
    }

    /// Success, the portal with the names that were given, and the way out.
    async fn v_31_v_32_success_opens_the_portal_and_tells_how_to_leave(world) {
        let (bakery, portal, mut browser) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await, world.browser());
        browser.enroll_as_by_sms(world, &bakery, &portal).await;
        browser.page.says("C'est fait !").says("Le portail est dès maintenant à votre disposition, à tout moment.");
        browser.page.says("Terminez toujours la session protégée par «Déconnexion».");
        browser.follow("continue").await;
        let tokens = portal.tokens_from(&browser.page).await;
        let info = portal.userinfo(&tokens.text("access_token")).await.json;
        assert_eq!((&info["given_name"], &info["family_name"], &info["email"]), (&"Sophie".into(), &"Rochat".into(), &bakery.email.into()));
        portal.sign_out(&mut browser, &tokens.text("id_token")).await;
        assert!(browser.page.url.starts_with("http://localhost:8083/signed-out"), "{}", browser.page.url);
        world.wait(3600);
        let mut later = world.browser();
        later.sign_in_as(world, &bakery, &portal).await;
        portal.code_from(&later.page);
    }

    /// On affiliation the member gets a code for its first login, and that code makes one: the organisation's.
    async fn c_01_the_code_of_an_affiliation_makes_the_first_login_of_the_organisation_and_no_second(world) {
        let (bakery, portal, mut browser) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await, world.browser());
        browser.enroll_as_by_sms(world, &bakery, &portal).await;
        browser.page.says("C'est fait !");
        let mut second = world.browser();
        second.begin_as(&portal, "employer").await;
        second.identify_as(&bakery).await;
        second.page.says("Vous avez déjà un compte");
        let events = world.manage().newest_events(crate::support::world::SLUG, 50).await.expect("the trail");
        let created: Vec<_> = events.iter().filter(|event| event.kind == "account.created").collect();
        assert_eq!(created.len(), 1, "{created:?}");
    }
}

/// Somebody enrolled and signed in at their own portal, who then presses the button of a portal that is not for them.
async fn insured_at(world: &World, employers: &Portal) -> (Person, Browser) {
    let flex = world.flex().await;
    let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
    browser.sign_in_by_sms(world, &marie, &flex).await;
    browser.visit(&employers.sign_in()).await;
    (marie, browser)
}

flows! {
    async fn an_insured_person_at_the_employers_portal_reads_whose_it_is_and_where_to_go(world) {
        let (marie, mut browser) = insured_at(world, &world.employers().await).await;
        assert_eq!((browser.page.status, step_of(&browser.page.url).as_str()), (403, "not-served"));
        browser.page.says(&marie.email()).says("Lindenhof Employeurs s'adresse à :").says("Employeur");
        browser.page.says("Lindenhof flex").says("Lindenhof 1e").says("Assurés ou pensionnés");
        assert_eq!(browser.page.link("Lindenhof flex").as_deref(), Some("http://localhost:8081/"));
        let page = browser.page.clone();
        browser.submit(&[("action", "back")]).await;
        assert!(browser.page.url.starts_with("http://localhost:8083/callback"), "{}", browser.page.url);
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!(browser.page.parameter("state").as_deref(), Some(STATE));
        browser.visit(&page.url).await.hides("s'adresse à");
    }

    async fn an_employer_at_the_portal_of_the_insured_reads_the_reverse_right_after_signing_in(world) {
        let (bakery, employers, flex) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await, world.flex().await);
        let mut browser = world.browser();
        browser.enroll_as_by_sms(world, &bakery, &employers).await;
        world.wait(3600);
        let mut browser = world.browser();
        browser.sign_in_as(world, &bakery, &flex).await;
        assert_eq!((browser.page.status, step_of(&browser.page.url).as_str()), (403, "not-served"));
        browser.page.says(bakery.email).says("Lindenhof flex s'adresse à : Assurés ou pensionnés").says("Lindenhof Employeurs").hides("Lindenhof 1e");
        // The session is theirs all the same: their own portal opens without a password.
        browser.visit(&employers.sign_in()).await;
        employers.code_from(&browser.page);
    }

    async fn another_access_signs_in_for_the_waiting_portal(world) {
        let (bakery, employers) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await);
        let mut own = world.browser();
        own.enroll_as_by_sms(world, &bakery, &employers).await;
        let (marie, mut browser) = insured_at(world, &employers).await;
        browser.submit(&[("action", "other")]).await;
        browser.page.says("Connexion").says("Lindenhof Employeurs");
        // The wrong one once more: the page comes again, and the way to another access is still open.
        let before = world.mailbox.to(marie.phone()).len();
        world.wait(120);
        browser.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
        browser.type_code(&code).await;
        assert_eq!(step_of(&browser.page.url), "not-served");
        browser.submit(&[("action", "other")]).await;
        browser.page.says("Mot de passe");
        browser.prove_as(world, &bakery).await;
        let tokens = employers.tokens_from(&browser.page).await;
        assert_eq!(employers.userinfo(&tokens.text("access_token")).await.json["email"], bakery.email);
        assert_eq!(payload(&tokens.text("id_token"))["acr"], "urn:poterne:level:multi");
    }

    async fn signing_out_is_offered_where_one_is_not_served(world) {
        let (_, mut browser) = insured_at(world, &world.employers().await).await;
        let page = browser.page.url.clone();
        browser.follow("sign-out").await.says("Voulez-vous terminer votre session");
        browser.submit(&[("action", "yes")]).await;
        browser.visit(&page).await.hides("s'adresse à").says("Mot de passe");
    }

    async fn who_is_not_served_is_nobody_elses_business(world) {
        let (marie, browser) = insured_at(world, &world.employers().await).await;
        let page = browser.page.url.clone();
        let mut stranger = world.browser();
        stranger.visit(&page).await.hides(&marie.email()).hides("s'adresse à").says("Mot de passe");
        let mut stranger = world.browser();
        stranger.post(&page, &[("action", "other")]).await;
        stranger.page.hides(&marie.email());
        stranger.visit(&format!("{}/ui/login/nonsense/not-served", world.issuer)).await;
        assert_eq!(stranger.page.status, 404);
        // Who is served, or signed in nowhere, is sent on.
        let flex = world.flex().await;
        let mut own = world.browser();
        own.visit(&flex.sign_in()).await;
        let login = own.page.url.clone();
        own.visit(&format!("{login}/not-served")).await.says("Mot de passe");
    }

    async fn without_a_page_the_portal_hears_that_access_is_denied(world) {
        let (_, mut browser) = insured_at(world, &world.employers().await).await;
        let employers = world.employers().await;
        browser.visit(&employers.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"), "{}", browser.page.url);
    }
}
