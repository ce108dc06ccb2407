account-title = Mein Konto
account-done-session = Die Sitzung ist beendet.
account-done-language = Die Sprache Ihrer Mitteilungen ist gespeichert.
account-done-password = Ihr Passwort ist geändert. Alle Ihre anderen Sitzungen sind beendet.
account-safety-both = Ihr Zugang ist mit einem Passwort und einem zweiten Faktor geschützt.
account-safety-password = Ihr Zugang ist mit einem Passwort geschützt.
account-others = { $count ->
    [0] Keine andere Sitzung ist offen.
    [one] Eine weitere Sitzung ist offen: Prüfen Sie unten, ob es Ihre ist.
   *[other] { $count } weitere Sitzungen sind offen: Prüfen Sie unten, ob es Ihre sind.
 }
account-name = Name
account-population = Gruppe
account-created = Zugang eingerichtet am
account-access-ends = Ihr Zugang endet am
account-change = Ändern
account-change-password = des Passworts
account-factors = Zweiter Faktor
account-factor-sms = SMS
account-factor-totp = Authentifizierungs-App
account-since = Seit
account-last-used = Zuletzt verwendet am
account-never-used = Noch nicht zur Anmeldung verwendet
account-no-factors = Für Ihren Zugang wird kein zweiter Faktor verlangt.
account-sessions = Anmeldungen und Geräte
account-last-login = Letzte Anmeldung:
account-previous-login = Vorherige Anmeldung:
account-first-login = Das ist Ihre erste Anmeldung.
account-device-unknown = Unbekanntes Gerät
account-this-session = diese Sitzung
account-sign-out = Abmelden
account-end = Beenden
account-end-session = der Sitzung: { $device }
account-everywhere-text = Haben Sie ein fremdes Gerät benutzt, oder sind Sie unsicher? Beenden Sie alle Sitzungen, auch diese.
account-everywhere = Überall abmelden
account-portals = Benutzte Portale
account-last-sign-in = Zuletzt angemeldet am
account-no-portals = Sie haben noch kein Portal benutzt.
account-terms = Akzeptierte Bedingungen
account-terms-version = Version { $version }
account-terms-registration = Akzeptiert bei der Registrierung, am
account-terms-sign-in = Akzeptiert bei der Anmeldung, am
account-terms-operator = Bei uns akzeptiert, am
account-terms-read = Lesen
account-no-terms = Sie haben noch keine Nutzungsbedingungen akzeptiert.
account-language = Sprache Ihrer Mitteilungen
account-language-label = Wir schreiben Ihnen auf
account-save = Speichern

account-password-title = Passwort ändern
account-password-text = Hier bleiben Sie angemeldet. Alle Ihre anderen Sitzungen werden beendet.
account-password-current = Aktuelles Passwort
account-password-rule = Ihr neues Passwort:
account-password-new = Neues Passwort
account-password-repeat = Neues Passwort wiederholen
account-password-submit = Passwort ändern
fault-wrong-password = Das aktuelle Passwort stimmt nicht.
fault-password-same = Das ist schon Ihr aktuelles Passwort. Wählen Sie ein anderes.
