factor-sms-ask = Richieda un codice per SMS al { $number }.

# Password dimenticata
recovery-title = Password dimenticata
recovery-text = Indichi il Suo nome utente. Le invieremo un codice per e-mail, poi sceglierà una nuova password.
recovery-code-title = Controlli la Sua posta elettronica
recovery-code-text = Se esiste un accesso per { $name }, un codice è stato inviato all'indirizzo e-mail di questo accesso.
recovery-spam = Guardi anche nella cartella della posta indesiderata e verifichi il nome utente indicato sopra.
recovery-resent = Se esiste un accesso, un nuovo codice è appena stato inviato. Il precedente resta valido fino alla sua scadenza.
recovery-password-title = Scelga una nuova password
recovery-password-text = Sostituisce quella vecchia non appena la salva.
recovery-password-label = Nuova password
recovery-password-submit = Salvare la password
recovery-done-title = La Sua password è cambiata
recovery-done-text = Acceda ora con la nuova password.
recovery-done-sessions = Per sicurezza, tutte le Sue sessioni aperte sono terminate, su tutti i dispositivi. Riceverà una conferma per e-mail.
stopped-recovery-elsewhere-title = Ricominci qui
stopped-recovery-elsewhere = Questa richiesta è iniziata in un altro browser, oppure non esiste più. Per la Sua sicurezza continua solo dove è iniziata.
stopped-recovery-over-title = Questa richiesta è terminata
stopped-recovery-over = Una richiesta di nuova password vale solo per un po' e termina se l'accesso nel frattempo è cambiato. Questa richiesta non ha modificato nulla. Può ricominciare.
stopped-recovery-letter-title = Serve un nuovo codice di attivazione
stopped-recovery-letter = Il Suo accesso non ha più un secondo fattore. Per sicurezza la password non può essere cambiata solo per e-mail. Usi il codice di attivazione ricevuto per posta.
recovery-letter-ask = Non ha un codice? Si rivolga a noi:
recovery-enter-code = Inserire il codice di attivazione
recovery-restart = Ricominciare

# Secondo fattore perso
lost-link = Non ha più accesso a questo telefono o a questa applicazione?
lost-title = Non ha più accesso al Suo secondo fattore
lost-why = Per la Sua sicurezza il secondo fattore non può essere tolto con una semplice telefonata o un'e-mail, nemmeno dai nostri collaboratori.
lost-how = Ecco come ritrovare il Suo accesso
lost-contact = Si rivolga a noi:
lost-identity = Verifichiamo la Sua identità. Prepari un documento d'identità e i Suoi documenti di previdenza.
lost-letter = Le inviamo per posta un nuovo codice di attivazione, all'indirizzo che conosciamo.
lost-again = Con questo codice sceglie un nuovo secondo fattore.
lost-meanwhile = Se ritrova il telefono o l'applicazione, nulla è perso: acceda come al solito.
lost-back = Indietro

# E-mail
mail-reset-subject = { $code } è il Suo codice per una nuova password, { $realm }
mail-reset-intro = Ecco il codice per scegliere una nuova password:
mail-reset-use = Lo inserisca nella pagina rimasta aperta. È valido { $minutes } minuti. In seguito Le sarà chiesto il secondo fattore, se ne ha uno.
mail-reset-not-you = Non ha chiesto nulla? Ignori questo messaggio: senza questo codice la Sua password resta la stessa.
