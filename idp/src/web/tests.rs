//! Every page and message, with every sample, in every language: rendered strictly, well formed, and written to `target/pages`
//! to be looked at.

use crate::access::account_page;
use crate::access::consent;
use crate::access::factor::asked::pages as asked;
use crate::access::recovery::pages as recovery;
use crate::access::signin::pages as signin;
use crate::oidc::logout::pages as logout;
use crate::onboarding::enrollment::pages as enrollment;
use crate::onboarding::terms::pages as terms;
use crate::operations::outbox::messages::{Letterhead, Message, Rendered};
use crate::web::assets::{self, Colour};
use crate::web::pages::ErrorPage;
use crate::web::render::{ClientView, Contact, Frame, Page, RealmView, language_links, render};
use crate::web::words::Lang;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const BRAND: Colour = Colour(0x0b, 0x5c, 0x4a);

fn contact() -> Contact {
    Contact {
        phone: Some("+41 21 555 01 10".into()),
        email: Some("portail@lindenhof.example".into()),
        hours: Some("8:00–12:00, 13:30–17:00".into()),
    }
}

fn client(name: &str) -> ClientView {
    ClientView {
        name: name.into(),
        host: Some("localhost:8081".into()),
        verified: true,
        logo_url: None,
        policy_url: None,
        tos_url: None,
    }
}

/// The usual frame, in the demo.
fn usual(lang: Lang) -> Frame {
    let url = "/lindenhof/ui/login/01H8";
    Frame {
        lang,
        languages: language_links(&Lang::ALL, lang, url),
        realm: RealmView {
            name: "Caisse de pension Lindenhof".into(),
            mark: "L".into(),
            stylesheet_url: Some(assets::brand_file_name(BRAND)),
            contact: contact(),
            home: Some("https://lindenhof.example/".into()),
            root_url: "/lindenhof/".into(),
        },
        client: Some(client("Lindenhof flex")),
        assets: assets::AssetUrls { css: "poterne.css".into(), js: "poterne.js".into() },
        url: url.into(),
        demo: true,
        reference: Some("7F3K-22QX".into()),
    }
}

/// Everything long, everything there is.
fn long(lang: Lang) -> Frame {
    let mut frame = usual(lang);
    frame.realm.name = "Fondation collective intercantonale de prévoyance professionnelle Saint-Barthélemy-sur-Morges".into();
    frame.realm.mark = "CPL".into();
    frame.client = Some(ClientView {
        logo_url: Some("/lindenhof/assets/client.png".into()),
        policy_url: Some("https://app.example/policy?a=1&b=2".into()),
        tos_url: Some("https://app.example/tos".into()),
        verified: false,
        ..client("Portail des «employeurs» & fiduciaires <Suisse romande>")
    });
    frame
}

/// As little as a realm may give, outside a flow.
fn bare(lang: Lang) -> Frame {
    let mut frame = usual(lang);
    frame.languages.clear();
    frame.realm.stylesheet_url = None;
    frame.realm.contact = Contact::default();
    frame.realm.home = None;
    frame.client = None;
    frame.demo = false;
    frame.reference = None;
    frame
}

/// A rendered sample with its name.
struct Shown {
    name: String,
    lang: Lang,
    html: String,
}

fn shown<P: Page>(out: &mut Vec<Shown>) {
    let stem = P::TEMPLATE.trim_start_matches("pages/").trim_end_matches(".html");
    for lang in Lang::ALL {
        for (number, page) in P::samples().iter().enumerate() {
            for (frame_name, frame) in [("", usual(lang)), ("-long", long(lang)), ("-bare", bare(lang))] {
                let name = format!("{stem}-{}{frame_name}.{}", number + 1, lang.tag());
                let html = render(page, &frame).unwrap_or_else(|error| panic!("{name}: {error}"));
                out.push(Shown { name, lang, html });
            }
        }
    }
}

fn all_pages() -> Vec<Shown> {
    let mut out = Vec::new();
    shown::<signin::SignInPage>(&mut out);
    shown::<asked::FactorPage>(&mut out);
    shown::<signin::FlowExpiredPage>(&mut out);
    shown::<signin::AlreadySignedInPage>(&mut out);
    shown::<signin::HomePage>(&mut out);
    shown::<signin::NotServedPage>(&mut out);
    shown::<crate::access::signin::terms::AcceptTermsPage>(&mut out);
    shown::<crate::access::signin::accounts::AccountsPage>(&mut out);
    shown::<consent::ConsentPage>(&mut out);
    shown::<recovery::RequestPage>(&mut out);
    shown::<recovery::CodePage>(&mut out);
    shown::<recovery::NewPasswordPage>(&mut out);
    shown::<recovery::DonePage>(&mut out);
    shown::<recovery::StoppedPage>(&mut out);
    shown::<recovery::LostFactorPage>(&mut out);
    shown::<enrollment::PopulationPage>(&mut out);
    shown::<enrollment::IdentifyPage>(&mut out);
    shown::<enrollment::IdentifiedPage>(&mut out);
    shown::<enrollment::UserDataPage>(&mut out);
    shown::<enrollment::ConfirmEmailPage>(&mut out);
    shown::<enrollment::ChooseFactorPage>(&mut out);
    shown::<enrollment::ConfirmFactorPage>(&mut out);
    shown::<enrollment::SuccessPage>(&mut out);
    shown::<enrollment::CancelledPage>(&mut out);
    shown::<enrollment::StoppedPage>(&mut out);
    shown::<account_page::OverviewPage>(&mut out);
    shown::<account_page::PasswordPage>(&mut out);
    shown::<account_page::AppPage>(&mut out);
    shown::<terms::TermsPage>(&mut out);
    shown::<crate::oidc::authorize::pages::FormPostPage>(&mut out);
    shown::<logout::LogoutConfirmPage>(&mut out);
    shown::<logout::LoggedOutPage>(&mut out);
    shown::<logout::LeavingPage>(&mut out);
    shown::<ErrorPage>(&mut out);
    out
}

/// The opening and closing tags of a document, in order: (name, attributes, closing).
fn tags(html: &str) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let inside = piece.split('>').next().unwrap();
        if inside.starts_with('!') {
            continue;
        }
        let closing = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        let empty = inside.ends_with('/');
        let (name, attributes) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        if !empty {
            found.push((name.trim_end_matches('/').to_ascii_lowercase(), attributes.to_owned(), closing));
        }
    }
    found
}

fn assert_balanced(name: &str, html: &str) {
    const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "hr"];
    let mut open: Vec<String> = Vec::new();
    for (tag, _, closing) in tags(html) {
        if VOID.contains(&tag.as_str()) {
            continue;
        }
        if closing {
            assert_eq!(open.pop().as_deref(), Some(tag.as_str()), "{name}: </{tag}> closes the wrong element\n{html}");
        } else {
            open.push(tag);
        }
    }
    assert!(open.is_empty(), "{name}: left open {open:?}");
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {name}=\"");
    let padded = attributes.find(&start[1..]).filter(|at| *at == 0 || attributes.as_bytes()[at - 1] == b' ')?;
    attributes[padded + start.len() - 1..].split('"').next()
}

#[test]
fn every_page_is_whole_in_every_language() {
    for page in all_pages() {
        let Shown { name, html, lang } = &page;
        assert_balanced(name, html);
        assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())), "{name}: lang");
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one h1");
        assert!(!html.contains("<title></title>") && !html.contains("<title> –"), "{name}: title");
        let mut ids = BTreeSet::new();
        let mut wanted = Vec::new();
        for (tag, attributes, _) in tags(html).into_iter().filter(|(_, _, closing)| !closing) {
            if let Some(id) = attribute(&attributes, "id") {
                assert!(ids.insert(id.to_owned()), "{name}: id {id} twice");
            }
            for by in ["aria-describedby", "aria-labelledby", "for"] {
                wanted.extend(attribute(&attributes, by).unwrap_or_default().split_whitespace().map(str::to_owned));
            }
            if let Some(target) = attribute(&attributes, "href").and_then(|href| href.strip_prefix('#')) {
                wanted.push(target.to_owned());
            }
            if matches!(tag.as_str(), "input" | "select") && attribute(&attributes, "type") != Some("hidden") {
                let id = attribute(&attributes, "id").unwrap_or_else(|| panic!("{name}: a field without id"));
                assert!(html.contains(&format!("for=\"{id}\"")), "{name}: {id} has no label");
            }
        }
        for id in wanted {
            assert!(ids.contains(&id), "{name}: nothing has the id {id}");
        }
    }
}

#[test]
fn no_page_needs_more_than_its_own_style_and_script() {
    for Shown { name, html, .. } in all_pages() {
        for (tag, attributes, closing) in tags(&html) {
            assert_ne!(tag, "style", "{name}");
            assert!(attribute(&attributes, "style").is_none(), "{name}: style attribute in {tag}");
            assert!(!attributes.split(' ').any(|part| part.starts_with("on") && part.contains('=')), "{name}: handler in {tag}");
            assert!(!attributes.contains("javascript:") && !attributes.contains("data:"), "{name}: {attributes}");
            assert!(tag != "script" || closing || attribute(&attributes, "src").is_some(), "{name}: inline script");
        }
    }
}

#[test]
fn what_people_and_apps_send_is_escaped() {
    for Shown { name, html, .. } in all_pages() {
        assert!(!html.contains("<Suisse romande>"), "{name}");
    }
}

#[test]
fn a_page_with_errors_says_so_in_its_title_and_links_each_to_its_field() {
    for Shown { name, html, lang } in all_pages().into_iter().filter(|page| page.html.contains("class=\"summary\"")) {
        let prefix = ["Erreur\u{a0}:", "Fehler:", "Errore:", "Error:"][lang as usize];
        assert!(html.contains(&format!("<title>{prefix} ")), "{name}");
    }
    let page = &signin::SignInPage::samples()[1];
    let html = render(page, &usual(Lang::Fr)).unwrap();
    assert!(html.contains("value=\"marie.favre@mail.example\""), "what was typed is kept");
    let wrong = &enrollment::IdentifyPage::samples()[1];
    let html = render(wrong, &usual(Lang::Fr)).unwrap();
    assert!(html.contains("<a href=\"#avs_number\">"));
    assert!(html.contains("aria-describedby=\"avs_number-hint avs_number-error\" aria-invalid=\"true\""));
}

#[test]
fn a_first_page_with_everything_is_under_30_kib() {
    let html = render(&signin::SignInPage::samples()[0], &usual(Lang::De)).unwrap();
    let urls = assets::urls("");
    let size = |url: &str| assets::find(url.trim_start_matches('/')).unwrap().bytes.len();
    let all = html.len() + size(&urls.css) + size(&urls.js) + assets::brand_stylesheet(BRAND).bytes.len();
    assert!(all < 30 * 1024, "{all} bytes");
}

#[test]
fn v_02_v_04_v_05_s_02_the_sign_in_page_has_the_portals_words() {
    let html = render(&signin::SignInPage::samples()[2], &usual(Lang::Fr)).unwrap();
    for words in [
        "<h1>Connexion</h1>",
        "Première connexion",
        ">S&#x27;enregistrer →</a>",
        "pour s&#x27;inscrire",
        ">Nom d&#x27;utilisateur</label>",
        ">Mot de passe</label>",
        ">Suivant</button>",
        ">J&#x27;ai oublié mon mot de passe →</a>",
        "pour continuer vers <b>Lindenhof flex</b>",
    ] {
        assert!(html.contains(words), "{words}\n{html}");
    }
    for id in ["op-login", "username", "password", "login-submit", "login-cancel"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let plain = render(&signin::SignInPage::samples()[0], &usual(Lang::Fr)).unwrap();
    assert!(!plain.contains("oublié"), "the link is there only when the realm offers it");
}

#[test]
fn v_10_v_16_v_24_header_and_buttons_of_the_wizard() {
    let steps = [
        "Identification",
        "Données d&#x27;utilisateur",
        "Confirmer l&#x27;e-mail",
        "Sélection à deux facteurs",
        "Confirmez les deux facteurs",
    ];
    let identify = render(&enrollment::IdentifyPage::samples()[0], &usual(Lang::Fr)).unwrap();
    let user_data = render(&enrollment::UserDataPage::samples()[0], &usual(Lang::Fr)).unwrap();
    for (index, label) in steps.iter().enumerate() {
        let step = format!("<span class=\"n\">{}</span><span class=\"l\">{label}</span>", index + 1);
        assert!(identify.contains(&step) && user_data.contains(&step), "{step}");
    }
    assert!(identify.contains("<li aria-current=\"step\"><span class=\"n\">1<"));
    assert!(user_data.contains("<li aria-current=\"step\"><span class=\"n\">2<"));
    assert!(
        identify.contains(">Suivant</button>")
            && identify.contains(">Annuler</button>")
            && !identify.contains(">Retour</button>")
    );
    assert!(
        user_data.contains(">Suivant</button>")
            && user_data.contains(">Annuler</button>")
            && user_data.contains(">Retour</button>")
    );
    assert!(identify.contains("J&#x27;ai lu les conditions d&#x27;utilisation et je les accepte."));
}

#[test]
fn a_population_with_one_factor_or_without_repeat_asks_no_more() {
    let only_sms = render(&enrollment::ChooseFactorPage::samples()[3], &usual(Lang::Fr)).unwrap();
    assert!(!only_sms.contains("type=\"radio\"") && only_sms.contains("id=\"phone\""));
    let no_repeat = render(&enrollment::UserDataPage::samples()[2], &usual(Lang::Fr)).unwrap();
    assert!(!no_repeat.contains("password_repeat") && no_repeat.contains("au moins 12 caractères"));
}

fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/locales").join(lang.tag());
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains('ß') && !text.contains('<') && !text.contains('&'), "{lang:?}");
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
                key = name.to_owned();
                assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice in {lang:?}");
            }
            for variable in line.split("{ $").skip(1) {
                let variable = variable.split([' ', '}']).next().unwrap();
                found.get_mut(&key).unwrap().insert(variable.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_language_has_the_same_keys_with_the_same_arguments() {
    let french = keys(Lang::Fr);
    assert!(french.len() > 150);
    for lang in [Lang::De, Lang::It, Lang::En] {
        assert_eq!(keys(lang), french, "{lang:?}");
    }
}

#[test]
fn no_words_lie_unused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = std::fs::read_to_string(root.join("src/web/form/fault.rs")).unwrap();
    used.push_str(&std::fs::read_to_string(root.join("src/host.rs")).unwrap());
    for folder in ["pages", "mails", "sms"] {
        for entry in std::fs::read_dir(root.join("templates").join(folder)).unwrap() {
            used.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    // Keys that templates put together from a prefix and a value.
    let built = ["step-", "oops-", "label-", "choose-", "title-", "stopped-", "notice-", "not-me-about-"];
    let built = [
        built.as_slice(),
        &["account-done-", "account-safety-", "account-factor-", "account-terms-", "consent-scope-", "consent-claim-"],
    ]
    .concat();
    for key in keys(Lang::Fr).keys() {
        let named = used.contains(&format!("\"{key}\"")) || used.contains(&format!("'{key}'"));
        assert!(named || built.iter().any(|prefix| key.starts_with(prefix)), "{key}");
    }
}

fn letterhead(lang: Lang) -> Letterhead {
    Letterhead { lang, realm: "Caisse de pension Lindenhof".into(), contact: contact(), host: "localhost".into() }
}

#[test]
fn every_message_is_whole_in_every_language() {
    for lang in Lang::ALL {
        for message in Message::samples() {
            let rendered = message.render(&letterhead(lang)).unwrap_or_else(|error| panic!("{error}"));
            if let Rendered::Mail { subject, text, html } = rendered {
                assert_balanced(message.kind(), &html);
                assert!(html.contains(&format!("<html lang=\"{}\"", lang.tag())));
                assert!(!html.contains("<img") && !html.contains("src="), "no images, no tracking");
                assert!(!subject.is_empty() && subject.contains("Caisse de pension Lindenhof") && subject.len() < 120);
                assert!(text.ends_with('\n') && text.contains("+41 21 555 01 10") && !text.contains("\n\n\n"), "{text}");
                assert!(!text.contains("&#x27;") && !text.contains('<'), "{text}");
            }
        }
    }
}

#[test]
fn v_22_s_09_the_mail_carries_the_code_in_the_subject_and_on_its_own_line() {
    let Rendered::Mail { subject, text, html } = Message::samples()[0].render(&letterhead(Lang::Fr)).unwrap() else {
        panic!("a mail")
    };
    assert_eq!(subject, "447 683 est votre code de confirmation, Caisse de pension Lindenhof");
    assert!(text.lines().any(|line| line == "447683"), "{text}");
    assert!(html.contains("447<span style=\"padding-left:10px\">683</span>"), "copied without a gap");
    assert!(text.contains("Firefox, Windows") && text.contains("Lindenhof flex"));
}

#[test]
fn v_28_s_13_the_text_message_is_short_and_signed_by_the_fund() {
    let Rendered::Sms { text } = Message::samples()[6].render(&letterhead(Lang::Fr)).unwrap() else { panic!("a text message") };
    assert_eq!(text, "Votre code: 447683\nCordialement,\nCaisse de pension Lindenhof\n@localhost #447683");
    for lang in Lang::ALL {
        let Rendered::Sms { text } = Message::samples()[6].render(&letterhead(lang)).unwrap() else { panic!("a text message") };
        assert!(text.chars().count() <= 160, "{text}");
        // Outside this alphabet (GSM 03.38) a text message holds only 70 characters.
        assert!(text.chars().all(|c| c.is_ascii() || "èéùìòÇØøÅåÆæßÉÄÖÑÜ§äöñüà".contains(c)), "{text}");
    }
}

#[test]
fn all_samples_are_written_out_to_be_looked_at() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/pages");
    std::fs::create_dir_all(&folder).unwrap();
    let served = assets::urls("");
    for (url, name) in [(served.css, "poterne.css"), (served.js, "poterne.js")] {
        std::fs::write(folder.join(name), &assets::find(&url[1..]).unwrap().bytes).unwrap();
    }
    std::fs::write(folder.join(assets::brand_file_name(BRAND)), assets::brand_stylesheet(BRAND).bytes).unwrap();
    for page in all_pages() {
        std::fs::write(folder.join(format!("{}.html", page.name)), page.html).unwrap();
    }
    for lang in Lang::ALL {
        for (number, message) in Message::samples().iter().enumerate() {
            let name = format!("message-{}-{}.{}", number + 1, message.kind(), lang.tag());
            let (extension, content) = match message.render(&letterhead(lang)).unwrap() {
                Rendered::Mail { subject, text, html } => {
                    std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
                    ("txt", format!("{subject}\n\n{text}"))
                }
                Rendered::Sms { text } => ("txt", text),
            };
            std::fs::write(folder.join(format!("{name}.{extension}")), content).unwrap();
        }
    }
}
