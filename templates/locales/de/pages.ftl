# Gemeinsame Wörter
skip = Zum Inhalt
demo-banner = Demonstration: erfundene Personen, keine Nachricht verlässt das Haus.
languages = Sprache
next = Weiter
back = Zurück
cancel = Abbrechen
show = Anzeigen
hide = Verbergen
print = Drucken
colon = :
error-prefix = Fehler:
summary-title-whole = Das hat nicht geklappt
summary-title = { $count ->
    [one] Eine Angabe ist zu korrigieren
   *[other] { $count } Angaben sind zu korrigieren
 }
help-for = Hilfe: { $label }
contact-title = Brauchen Sie Hilfe?
contact-phone = Telefon
contact-email = E-Mail
contact-website = Website
back-to = Zurück zu { $app }
continue-to = Weiter zu { $app }
may-close = Sie können dieses Fenster schliessen.
code-minutes = Der Code ist { $minutes } Minuten gültig.
digits-hint = 6 Ziffern
nothing-came = Nichts erhalten?
resend = Code nochmals senden
resend-wait = Neuer Versand möglich in
resent = Ein neuer Code wurde soeben gesendet. Der vorherige bleibt bis zu seinem Ablauf gültig.
sms-not-here = Eine SMS kann eine Minute brauchen. Prüfen Sie, ob Ihr Telefon eingeschaltet ist und Empfang hat.

# Anmeldung
signin-title = Anmeldung
signin-guidance = Erste Anmeldung: Um Ihren Zugang einzurichten, klicken Sie auf «Registrieren →», ohne die Felder auszufüllen. Sie haben bereits einen Zugang: Geben Sie Benutzername und Passwort ein.
signin-continue-to = um fortzufahren zu { $app }
client-unverified = Diese Anwendung wurde nicht geprüft.
client-policy = Datenschutz von { $app }
client-tos = Nutzungsbedingungen von { $app }
signin-username = Benutzername
signin-username-help = Das ist die E-Mail-Adresse, die Sie bei der Registrierung angegeben haben.
signin-password = Passwort
signin-forgotten = Ich habe mein Passwort vergessen →
signin-first-time = Zum ersten Mal hier?
signin-first-time-text = Sie haben einen Code erhalten. Halten Sie ihn bereit und richten Sie Ihren Zugang in fünf Schritten ein.
signin-register = Registrieren →

factor-title = Bestätigen Sie Ihre Identität
factor-sms-text = Wir haben einen Code per SMS an { $number } gesendet.
factor-sms-label = Code aus der SMS
factor-totp-text = Öffnen Sie Ihre Authentifizierungs-App und übertragen Sie den angezeigten Code.
factor-totp-label = Code der App
factor-submit = Anmelden
factor-other = Anderes Verfahren verwenden
factor-use-sms = SMS an { $number }
factor-use-totp = Authentifizierungs-App

expired-title = Diese Seite ist nicht mehr gültig
expired-text = Zu Ihrer Sicherheit endet eine Anmeldung oder Registrierung, die lange offen bleibt. Nichts ist verloren: Ein nicht eingelöster Code bleibt gültig.
expired-back-text = Gehen Sie zurück zu { $app } und beginnen Sie neu.
expired-no-app = Gehen Sie zurück zum Portal, von dem Sie kamen, und beginnen Sie neu.

already-title = Sie sind bereits angemeldet
already-text = Ihre Sitzung ist offen unter dem Namen { $username }.
already-switch = Unter anderem Namen anmelden

home-title = Anmeldedienst
home-text = Das ist unser Anmeldedienst ({ $realm }). Hier richten Sie Ihren Zugang ein und melden sich bei unseren Portalen an.
home-portals = Unsere Portale
home-go = Unsere Portale ansehen
home-safety = Wir fragen Sie nie am Telefon oder per E-Mail nach Ihrem Passwort oder einem Code.

# Abmeldung
logout-title = Abmelden
logout-text = Möchten Sie Ihre Sitzung in allen Portalen beenden?
logout-text-as = Sie sind angemeldet als { $username }. Möchten Sie Ihre Sitzung in allen Portalen beenden?
logout-yes = Abmelden
logout-no = Angemeldet bleiben
logged-out-title = Sie sind abgemeldet
logged-out-text = Ihre geschützte Sitzung ist beendet. Sie können dieses Fenster schliessen.
logged-out-told = Die Sitzung wurde auch hier beendet:

# Fehler
error-code = Fehlercode
error-detail = Für Entwickler
reference = Referenz
retry = Nochmals versuchen
oops-request-refused-title = Diese Anfrage kann nicht angenommen werden
oops-request-refused = Eine Anwendung hat uns eine Anfrage geschickt, die wir nicht annehmen können. Gehen Sie zurück zur Anwendung und versuchen Sie es nochmals. Wiederholt es sich, nennen Sie uns die Referenz unten.
oops-request-refused-from = { $app } hat uns eine Anfrage geschickt, die wir nicht annehmen können. Gehen Sie zurück zur Anwendung und versuchen Sie es nochmals. Wiederholt es sich, nennen Sie uns die Referenz unten.
oops-not-found-title = Seite nicht gefunden
oops-not-found = Unter dieser Adresse gibt es nichts. Prüfen Sie sie oder gehen Sie zurück zum Portal, von dem Sie kamen.
oops-too-large-title = Sendung zu gross
oops-too-large = Was Sie gesendet haben, ist zu gross. Gehen Sie zurück und kürzen Sie Ihre Angaben.
oops-busy-title = Einen Augenblick bitte
oops-busy = Im Moment nutzen viele Personen den Dienst. Ihre Angaben wurden nicht gespeichert.
oops-busy-retry = Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
 } nochmals.
oops-internal-title = Ein Fehler ist aufgetreten
oops-internal = Der Fehler liegt bei uns, nicht bei Ihnen. Versuchen Sie es in einigen Minuten nochmals. Wiederholt es sich, nennen Sie uns die Referenz unten.
oops-cross-site-title = Formular abgelehnt
oops-cross-site = Dieses Formular stammt nicht von unseren Seiten. Zur Sicherheit wurde es nicht verarbeitet. Öffnen Sie das Portal nochmals und beginnen Sie neu.
