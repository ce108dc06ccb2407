# Registrierung
population-title = Registrierung
population-text = Wer sind Sie?
step-1 = Identifikation
step-2 = Benutzerdaten
step-3 = E-Mail bestätigen
step-4 = Zwei-Faktor-Auswahl
step-5 = Zwei Faktoren bestätigen
step-of = Schritt { $step } von 5
step-done = (erledigt)

identify-text = Bitte geben Sie Ihre Angaben zur Identifikation ein.
label-avs-number = AHV-Nummer
hint-avs-number = 13 Ziffern: 756.xxxx.xxxx.xx
help-avs-number = Die Nummer beginnt immer mit 756. Sie steht auch auf Ihrer Krankenkassenkarte. Mit oder ohne Punkte, beides geht.
label-birth-date = Geburtsdatum
hint-birth-date = tt.mm.jjjj, zum Beispiel 12.03.1984
help-birth-date = Ist der Tag oder der Monat in Ihren Papieren nicht bekannt, schreiben Sie dafür 00, zum Beispiel 00.00.1962.
label-activation-code = Aktivierungscode
hint-activation-code = 12 Zeichen, im Brief oder auf dem Ausweis, den Sie erhalten haben, zum Beispiel ABCD-EFGH-JKMN
help-activation-code = Der Code enthält weder 0, 1, I, L noch O. Gross- und Kleinschreibung, Striche und Leerzeichen spielen keine Rolle. Haben Sie den Code nicht mehr, verlangen Sie ihn neu: Sie erreichen uns über die Angaben unten auf der Seite.
terms-legend = Nutzungsbedingungen
terms-read = Nutzungsbedingungen lesen (neuer Tab)
terms-accept = Ich habe die Nutzungsbedingungen gelesen und akzeptiere sie.
terms-accepted = Gelesen und akzeptiert
terms-version = Version { $version }, gültig seit { $day }
identified-text = Dieser Schritt ist erledigt. Sie müssen sich nicht ein zweites Mal identifizieren.

title-label = Anrede
title-choose = Auswählen
title-ms = Frau
title-mr = Herr
title-none = Ohne Anrede
family-name = Name
given-name = Vorname
email-label = E-Mail-Adresse
email-hint = Das wird Ihr Benutzername. Wir senden dorthin einen Bestätigungscode.
password-label = Passwort
password-repeat = Passwort wiederholen
password-rule = Ihr Passwort:
password-rule-length = mindestens { $min } Zeichen
password-rule-groups = mit Ziffern, Kleinbuchstaben, Grossbuchstaben und Sonderzeichen (zum Beispiel ! ? . - +)

email-sent = Wir haben einen Bestätigungscode an { $email } gesendet.
email-code-label = Bestätigungscode
email-spam = Ist er nicht im Posteingang, schauen Sie im Spam-Ordner nach.
email-change = Die Adresse stimmt nicht? Mit «Zurück» können Sie sie ändern.
email-confirmed = Die Adresse { $email } ist bestätigt.

choose-text = Ihr Zugang ist zusätzlich durch eine Zwei-Faktor-Authentifizierung geschützt: Bei jeder Anmeldung wird nach dem Passwort ein Code mit 6 Ziffern verlangt.
choose-legend = Wie möchten Sie diesen Code erhalten?
choose-sms = SMS auf ein Mobiltelefon
choose-sms-hint = Wir senden Ihnen den Code als Textnachricht.
choose-totp = Authentifizierungs-App
choose-totp-hint = Eine App auf Ihrem Telefon zeigt den Code an, auch ohne Empfang.
choose-only-sms = Eine Mobilnummer ist zwingend: Bei jeder Anmeldung wird neben Benutzername und Passwort ein Code per SMS verlangt. Er erreicht Sie auf einem anderen Weg und ist nur kurze Zeit gültig.
choose-only-totp = Eine Authentifizierungs-App auf Ihrem Telefon zeigt den Code an.
phone-label = Mobiltelefonnummer
phone-hint = Zum Beispiel 079 123 45 67 oder +49 151 23456789
phone-change = Die Nummer stimmt nicht? Mit «Zurück» können Sie sie ändern.

confirm-sms-text = Wir haben einen Code per SMS an { $number } gesendet.
totp-install = Öffnen Sie eine Authentifizierungs-App auf Ihrem Telefon. Haben Sie noch keine, installieren Sie eine aus dem App-Laden.
totp-scan = Fügen Sie ein Konto hinzu und scannen Sie diesen QR-Code.
totp-qr = QR-Code für die Authentifizierungs-App
totp-cannot-scan = Sie können den Code nicht scannen oder lesen diese Seite auf dem Telefon selbst?
totp-type = Geben Sie diesen Schlüssel in der App ein:
totp-settings = Einstellungen: zeitbasiert, 6 Ziffern, 30 Sekunden.
totp-open = App auf diesem Gerät öffnen
totp-enter = Übertragen Sie den Code, den die App anzeigt.

success-title = Geschafft!
success-text = Ihr Zugang ist bereit. Das Portal steht Ihnen ab sofort jederzeit zur Verfügung.
success-username = Ihr Benutzername: { $username }
success-logout = Beenden Sie die geschützte Sitzung immer mit «Abmelden».

cancelled-title = Registrierung abgebrochen
cancelled-text = Es wurde nichts gespeichert. Ihr Code bleibt gültig: Sie können jederzeit neu beginnen.
cancelled-restart = Registrierung neu beginnen

stopped-unknown-title = Diese Registrierung ist hier nicht bekannt
stopped-unknown = Sie wurde in einem anderen Browser oder vor langer Zeit begonnen. Es ist nichts verloren: Ihr Code bleibt gültig. Beginnen Sie mit Ihrem Code von vorn.
stopped-expired-title = Diese Registrierung wurde zu lange unterbrochen
stopped-expired = Eine Registrierung kann während 24 Stunden fortgesetzt werden. Es ist nichts verloren: Ihr Code bleibt gültig. Beginnen Sie mit Ihrem Code von vorn.
stopped-superseded-title = Diese Registrierung wurde neu begonnen
stopped-superseded = Mit demselben Code wurde eine neuere Registrierung begonnen, in einem anderen Tab oder auf einem anderen Gerät. Fahren Sie dort fort, oder beginnen Sie hier mit Ihrem Code von vorn.
stopped-code-gone-title = Dieser Code kann nicht mehr verwendet werden
stopped-code-gone = Während Ihrer Registrierung ist der Code abgelaufen oder wurde ersetzt. Verwenden Sie den Code auf Ihrem neusten Dokument, oder verlangen Sie einen neuen: Sie finden die Angaben unten auf der Seite.
stopped-code-used-title = Sie haben bereits ein Konto
stopped-code-used = Mit diesem Code wurde Ihr Zugang bereits eröffnet. Melden Sie sich mit Ihrer E-Mail-Adresse an. Haben nicht Sie ihn verwendet, melden Sie sich umgehend bei uns: Sie finden die Angaben unten auf der Seite.
stopped-account-exists-title = Sie haben bereits ein Konto
stopped-account-exists = Auf Ihren Namen besteht bereits ein Zugang. Melden Sie sich mit Ihrer E-Mail-Adresse an. Haben nicht Sie ihn erstellt, melden Sie sich umgehend bei uns: Sie finden die Angaben unten auf der Seite.
stopped-email-taken-title = Diese E-Mail-Adresse hat bereits ein Konto
stopped-email-taken = Mit dieser E-Mail-Adresse besteht bereits ein Zugang. Geben Sie für diese Registrierung eine andere Adresse an. Ihr Code bleibt gültig.
stopped-terms-changed-title = Die Nutzungsbedingungen wurden geändert
stopped-terms-changed = Seit Sie begonnen haben, gelten neue Bedingungen. Beginnen Sie mit Ihrem Code, der gültig bleibt, von vorn, um sie zu lesen und zu akzeptieren.
stopped-change-email = E-Mail-Adresse ändern
