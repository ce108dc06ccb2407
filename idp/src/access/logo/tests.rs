//! What passes for a logo, and how long.

use super::rules::{LARGEST, is_fresh, media_type};
use super::store::{self, Kept};
use crate::access::tests::House;
use crate::directory::client;
use crate::tests::Place;
use crate::web::logos::{Known, Logos};
use poterne_protocol::id::{ClientRowId, RealmId};
use poterne_protocol::time::Timestamp;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82";

#[test]
fn a_logo_is_told_by_its_first_bytes_and_svg_is_none() {
    for (bytes, expected) in [
        (PNG, Some("image/png")),
        (b"\xff\xd8\xff\xe0..\xff\xd9", Some("image/jpeg")),
        (b"RIFF\x08\0\0\0WEBPVP8 ", Some("image/webp")),
        (b"RIFF\x08\0\0\0WAVEfmt ", None),
        // Cut off.
        (b"\x89PNG\r\n\x1a\n....", None),
        (b"\xff\xd8\xff\xe0..", None),
        (b"RIFF\x08\0\x01\0WEBPVP8 ", None),
        (b"GIF89a", None),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", None),
        (b"<?xml version=\"1.0\"?><svg/>", None),
        (b"<html>", None),
        (b"\x89PNG", None),
        (b"", None),
    ] {
        assert_eq!(media_type(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }
    let (head, tail) = PNG.split_at(8);
    let of = |length: usize| media_type(&[head, &vec![0; length - PNG.len()], tail].concat());
    assert_eq!((of(LARGEST), of(LARGEST + 1)), (Some("image/png"), None));
}

fn known(mark: Option<&str>, at: i64) -> Known {
    Known { uri: "https://a.example/l.png".into(), mark: mark.map(str::to_owned), fetched_at: Timestamp::from_secs(at) }
}

#[test]
fn a_logo_is_fetched_again_after_a_day_and_a_failure_after_ten_minutes() {
    let fresh = |mark, seconds| is_fresh(&known(mark, 0), Timestamp::from_secs(seconds));
    assert!(fresh(Some("x"), 86_399) && !fresh(Some("x"), 86_400));
    assert!(fresh(None, 599) && !fresh(None, 600));
}

#[test]
fn one_looks_while_the_others_do_without() {
    let (logos, realm) = (Logos::default(), RealmId::from_bytes([1; 16]));
    let uri = known(None, 0).uri;
    assert!(logos.begin(realm, "flex") && !logos.begin(realm, "flex") && logos.begin(realm, "other"));
    assert_eq!(logos.known(realm, "flex", &uri), None);
    logos.keep(realm, "flex", known(Some("x"), 0));
    assert_eq!(logos.known(realm, "flex", &uri), Some(known(Some("x"), 0)));
    assert_eq!(logos.known(realm, "flex", "https://a.example/new.png"), None, "the client has another one now");
    assert!(logos.begin(realm, "flex"));
    logos.give_up(realm, "flex");
    assert!(logos.begin(realm, "flex"), "what nobody found may be looked for again");
    assert_eq!(logos.known(realm, "flex", &uri), Some(known(Some("x"), 0)), "and is shown meanwhile");
}

#[tokio::test]
async fn a_logo_is_kept_in_the_place_of_the_one_before() {
    for place in Place::all() {
        let house = House::on(place, 43).await;
        let (clients, now) = (house.realm.document.clients.clone(), house.now());
        let row = ClientRowId::new(now, house.app.entropy.bytes());
        let kept = |picture: Option<&[u8]>| Kept {
            uri: "https://a.example/l.png".into(),
            picture: picture.map(|image| ("image/png".to_owned(), image.to_vec())),
            fetched_at: now,
        };
        let (first, second) = (kept(None), kept(Some(PNG)));
        let (one, other) = (first.clone(), second.clone());
        let done = house.app.db.write(house.realm.id, move |tx| {
            client::apply_document(tx, &clients, &[row], now)?;
            let before = store::load(tx, row)?;
            store::keep(tx, row, &one)?;
            let then = store::load(tx, row)?;
            store::keep(tx, row, &other)?;
            Ok((before, then, store::load(tx, row)?))
        });
        assert_eq!(done.await.unwrap(), (None, Some(first), Some(second)));
    }
}
