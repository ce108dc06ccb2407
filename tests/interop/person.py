"""Alice and her browser for the judge in Python: plain HTTP, plain forms, no script. As person.mjs."""

import html
import os
import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

ISSUER = os.environ["CONFORM_ISSUER"]
SUITE = os.environ["CONFORM_SUITE"]
CALLBACK = f"{SUITE}/test/a/poterne/callback"
LOGGED_OUT = f"{SUITE}/test/a/poterne/post_logout_redirect"
EMAIL = "alice@op.example"


def secret(name):
    """What stands on the first line of a secret file of the run."""
    with open(os.path.join(os.environ["CONFORM_DATA"], "secrets", name), encoding="ascii") as file:
        return file.readline().rstrip("\n")


def attribute(tag, name):
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else None


def forms(page):
    """The forms of a page: id, action, fields as they stand there, buttons by their id."""
    found = []
    for part in page.split("<form")[1:]:
        tag, body = part.split(">", 1)
        body = body.split("</form>", 1)[0]
        fields = {attribute(tag, "name"): attribute(tag, "value") or "" for tag in re.findall(r"<input[^>]*>", body)}
        fields.pop(None, None)
        buttons = {attribute(tag, "id"): tag for tag in re.findall(r"<button[^>]*>", body)}
        found.append({"id": attribute(tag, "id"), "action": attribute(tag, "action"), "fields": fields, "buttons": buttons})
    return found


def parameters(url):
    """What came back at the client, in the query or the fragment."""
    parts = urlsplit(url)
    return dict(parse_qsl(parts.fragment or parts.query))


class Browser:
    """Keeps the provider's cookies."""

    def __init__(self):
        self.http = requests.Session()
        self.asked = []

    def go(self, url, form=None):
        """On to a page of the provider or an address elsewhere: `(url, html)`."""
        for _ in range(12):
            method, headers = ("POST", {"origin": ISSUER}) if form is not None else ("GET", {})
            answer = self.http.request(method, url, data=form, headers=headers, allow_redirects=False, timeout=10)
            if "location" not in answer.headers:
                return url, answer.text
            url, form = urljoin(url, answer.headers["location"]), None
            if not url.startswith(f"{ISSUER}/"):
                return url, ""
        raise AssertionError(f"redirects without end at {url}")

    def press(self, url, form, button, **fields):
        tag = form["buttons"][button]
        name = attribute(tag, "name")
        pressed = {name: attribute(tag, "value") or ""} if name else {}
        return self.go(urljoin(url, form["action"]), {**form["fields"], **fields, **pressed})

    def answer(self, url):
        """Signs in and consents where she is asked: the parameters that come back, posted or in the address."""
        self.asked = []
        url, page = self.go(url)
        for _ in range(6):
            if not url.startswith(f"{ISSUER}/"):
                return parameters(url)
            by_button = {button: form for form in forms(page) for button in form["buttons"]}
            if "form-post-submit" in by_button:
                return by_button["form-post-submit"]["fields"]
            if "login-submit" in by_button:
                self.asked.append("op-login")
                alice = {"username": EMAIL, "password": secret("alice.password")}
                url, page = self.press(url, by_button["login-submit"], "login-submit", **alice)
            elif "consent-allow" in by_button:
                self.asked.append("op-consent")
                url, page = self.press(url, by_button["consent-allow"], "consent-allow")
            else:
                break
        raise AssertionError(f"Alice does not know what to do at {url}: {re.sub('<[^>]*>', ' ', page)}")
