# Registrazione
population-title = Registrazione
population-text = Chi è Lei?
step-1 = Identificazione
step-2 = Dati dell'utente
step-3 = Confermare l'e-mail
step-4 = Scelta a due fattori
step-5 = Confermare i due fattori
step-of = Passo { $step } di 5
step-done = (fatto)

identify-text = Inserisca i dati di identificazione.
label-avs-number = Numero AVS
hint-avs-number = 13 cifre: 756.xxxx.xxxx.xx
help-avs-number = Il numero comincia sempre con 756. Figura anche sulla tessera della cassa malati. Con o senza punti, vanno bene entrambi.
label-birth-date = Data di nascita
hint-birth-date = gg.mm.aaaa, per esempio 12.03.1984
help-birth-date = Se nei Suoi documenti il giorno o il mese non è noto, scriva 00 al suo posto, per esempio 00.00.1962.
label-activation-code = Codice di attivazione
hint-activation-code = 12 caratteri, nella lettera o sul certificato che ha ricevuto, per esempio ABCD-EFGH-JKMN
help-activation-code = Il codice non contiene 0, 1, I, L né O. Maiuscole, trattini e spazi non hanno importanza. Se non ha più il codice, lo richieda: i nostri recapiti sono in fondo alla pagina.
terms-legend = Condizioni d'uso
terms-read = Leggere le condizioni d'uso (nuova scheda)
terms-accept = Ho letto le condizioni d'uso e le accetto.
terms-accepted = Lette e accettate
terms-version = Versione { $version }, in vigore dal { $day }
identified-text = Questo passo è concluso. Non deve identificarsi una seconda volta.

title-label = Titolo
title-choose = Selezionare
title-ms = Signora
title-mr = Signor
title-none = Senza titolo
family-name = Cognome
given-name = Nome
email-label = Indirizzo e-mail
email-hint = Sarà il Suo nome utente. Vi inviamo un codice di conferma.
password-label = Password
password-repeat = Ripetere la password
password-rule = La Sua password:
password-rule-length = almeno { $min } caratteri
password-rule-groups = con cifre, minuscole, maiuscole e caratteri speciali (per esempio ! ? . - +)

email-sent = Abbiamo inviato un codice di conferma a { $email }.
email-code-label = Codice di conferma
email-spam = Se non è nella posta in arrivo, guardi nella cartella della posta indesiderata (spam).
email-change = L'indirizzo non è giusto? Con «Indietro» può correggerlo.
email-confirmed = L'indirizzo { $email } è confermato.

choose-text = Il Suo accesso è protetto anche da un'autenticazione a due fattori: a ogni accesso, dopo la password Le viene chiesto un codice di 6 cifre.
choose-legend = Come desidera ricevere questo codice?
choose-sms = SMS su un telefono cellulare
choose-sms-hint = Le inviamo il codice con un messaggio di testo.
choose-totp = Applicazione di autenticazione
choose-totp-hint = Un'applicazione sul Suo telefono mostra il codice, anche senza rete.
choose-only-sms = Un numero di cellulare è obbligatorio: a ogni accesso Le viene chiesto un codice per SMS, oltre al nome utente e alla password. Le giunge per un'altra via ed è valido solo per poco tempo.
choose-only-totp = Un'applicazione di autenticazione sul Suo telefono mostrerà il codice.
phone-label = Numero di cellulare
phone-hint = Per esempio 079 123 45 67 o +39 312 345 6789
phone-change = Il numero non è giusto? Con «Indietro» può correggerlo.

confirm-sms-text = Abbiamo inviato un codice per SMS al { $number }.
totp-install = Apra un'applicazione di autenticazione sul telefono. Se non ne ha una, la installi dal negozio di applicazioni.
totp-scan = Aggiunga un account e scansioni questo codice QR.
totp-qr = Codice QR per l'applicazione di autenticazione
totp-cannot-scan = Non può scansionare il codice o legge questa pagina sul telefono stesso?
totp-type = Inserisca questa chiave nell'applicazione:
totp-settings = Impostazioni: a tempo, 6 cifre, 30 secondi.
totp-open = Aprire l'applicazione su questo dispositivo
totp-enter = Trascriva il codice che l'applicazione mostra.

success-title = Fatto!
success-text = Il Suo accesso è pronto. Da subito il portale è a Sua disposizione in ogni momento.
success-username = Il Suo nome utente: { $username }
success-logout = Termini sempre la sessione protetta con «Esci».

cancelled-title = Registrazione interrotta
cancelled-text = Nulla è stato salvato. Il Suo codice resta valido: può ricominciare quando vuole.
cancelled-restart = Ricominciare la registrazione

stopped-unknown-title = Questa registrazione non è conosciuta qui
stopped-unknown = È stata iniziata in un altro browser o molto tempo fa. Nulla è perduto: il Suo codice resta valido. Ricominci con il Suo codice.
stopped-expired-title = Questa registrazione è rimasta in sospeso troppo a lungo
stopped-expired = Una registrazione può essere ripresa entro 24 ore. Nulla è perduto: il Suo codice resta valido. Ricominci con il Suo codice.
stopped-superseded-title = Questa registrazione è stata ricominciata
stopped-superseded = Una registrazione più recente è stata iniziata con lo stesso codice, in un'altra scheda o su un altro apparecchio. Continui lì, oppure ricominci qui con il Suo codice.
stopped-code-gone-title = Questo codice non può più essere utilizzato
stopped-code-gone = Durante la registrazione il codice è scaduto o è stato sostituito. Utilizzi il codice del Suo documento più recente o ne richieda uno nuovo: i recapiti sono in fondo alla pagina.
stopped-code-used-title = Lei ha già un account
stopped-code-used = Questo codice è già servito a creare il Suo accesso. Acceda con il Suo indirizzo e-mail. Se non è stato Lei a utilizzarlo, ci avverta subito: i recapiti sono in fondo alla pagina.
stopped-account-exists-title = Lei ha già un account
stopped-account-exists = Esiste già un accesso a Suo nome. Acceda con il Suo indirizzo e-mail. Se non è stato Lei a crearlo, ci avverta subito: i recapiti sono in fondo alla pagina.
stopped-email-taken-title = Questo indirizzo e-mail ha già un account
stopped-email-taken = Esiste già un accesso con questo indirizzo e-mail. Indichi un altro indirizzo per questa registrazione. Il Suo codice resta valido.
stopped-terms-changed-title = Le condizioni d'uso sono cambiate
stopped-terms-changed = Da quando ha iniziato sono in vigore nuove condizioni. Ricominci con il Suo codice, che resta valido, per leggerle e accettarle.
stopped-change-email = Cambiare l'indirizzo e-mail
