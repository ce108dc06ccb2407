# Parole comuni
skip = Vai al contenuto
demo-banner = Dimostrazione: persone inventate, nessun messaggio viene spedito.
languages = Lingua
next = Avanti
back = Indietro
cancel = Annulla
show = Mostra
hide = Nascondi
print = Stampa
colon = :
error-prefix = Errore:
summary-title-whole = Non è andata a buon fine
summary-title = { $count ->
    [one] Un'indicazione è da correggere
   *[other] { $count } indicazioni sono da correggere
 }
help-for = Aiuto: { $label }
contact-title = Ha bisogno di aiuto?
contact-phone = Telefono
contact-email = E-mail
contact-website = Sito web
back-to = Torna a { $app }
continue-to = Continua verso { $app }
may-close = Può chiudere questa finestra.
code-minutes = Il codice è valido { $minutes } minuti.
digits-hint = 6 cifre
nothing-came = Non ha ricevuto nulla?
resend = Invia di nuovo il codice
resend-wait = Nuovo invio possibile tra
resent = Un nuovo codice è appena stato inviato. Il precedente resta valido fino alla sua scadenza.
sms-not-here = Un SMS può impiegare un minuto. Verifichi che il telefono sia acceso e abbia campo.

# Accesso
signin-title = Accesso
signin-guidance = Primo accesso: per iscriversi, clicchi su «Registrarsi →» senza compilare i campi. Ha già un accesso: inserisca il nome utente e la password.
signin-continue-to = per continuare verso { $app }
client-unverified = Questa applicazione non è stata verificata.
client-policy = Protezione dei dati di { $app }
client-tos = Condizioni d'uso di { $app }
signin-username = Nome utente
signin-username-help = È l'indirizzo e-mail che ha indicato al momento della registrazione.
signin-password = Password
signin-forgotten = Ho dimenticato la password →
signin-first-time = È la prima volta?
signin-first-time-text = Ha ricevuto un codice. Lo tenga a portata di mano e crei il Suo accesso in cinque passi.
signin-register = Registrarsi →

factor-title = Confermi la Sua identità
factor-sms-text = Abbiamo inviato un codice per SMS al { $number }.
factor-sms-label = Codice ricevuto per SMS
factor-totp-text = Apra l'applicazione di autenticazione e trascriva il codice indicato.
factor-totp-label = Codice dell'applicazione
factor-submit = Accedi
factor-other = Usare un altro metodo
factor-use-sms = SMS al { $number }
factor-use-totp = Applicazione di autenticazione

expired-title = Questa pagina non è più valida
expired-text = Per la Sua sicurezza, un accesso o una registrazione rimasti a lungo aperti vengono chiusi. Nulla è andato perso: un codice non utilizzato resta valido.
expired-back-text = Torni a { $app } e ricominci.
expired-no-app = Torni al portale da cui proveniva e ricominci.

already-title = Ha già effettuato l'accesso
already-text = La Sua sessione è aperta con il nome { $username }.
already-switch = Accedere con un altro nome

home-title = Servizio di accesso
home-text = Questo è il nostro servizio di accesso ({ $realm }). Qui crea il Suo accesso ed entra nei nostri portali.
home-portals = I nostri portali
home-go = Vedere i nostri portali
home-safety = Non Le chiederemo mai la password o un codice per telefono o per e-mail.

# Uscita
logout-title = Uscita
logout-text = Vuole terminare la sessione su tutti i portali?
logout-text-as = Ha effettuato l'accesso come { $username }. Vuole terminare la sessione su tutti i portali?
logout-yes = Esci
logout-no = Resta collegato
logged-out-title = Sessione terminata
logged-out-text = La Sua sessione protetta è terminata. Può chiudere questa finestra.
logged-out-told = La sessione è terminata anche qui:

# Errori
error-code = Codice di errore
error-detail = Per gli sviluppatori
reference = Riferimento
retry = Riprova
oops-request-refused-title = Questa richiesta non può essere accettata
oops-request-refused = Un'applicazione ci ha inviato una richiesta che non possiamo accettare. Torni all'applicazione e riprovi. Se si ripete, ci indichi il riferimento qui sotto.
oops-request-refused-from = { $app } ci ha inviato una richiesta che non possiamo accettare. Torni all'applicazione e riprovi. Se si ripete, ci indichi il riferimento qui sotto.
oops-not-found-title = Pagina non trovata
oops-not-found = A questo indirizzo non c'è nulla. Lo verifichi o torni al portale da cui proveniva.
oops-too-large-title = Invio troppo grande
oops-too-large = Ciò che ha inviato è troppo grande. Torni alla pagina precedente e abbrevi le indicazioni.
oops-busy-title = Un momento, per favore
oops-busy = In questo momento molte persone usano il servizio. Le Sue indicazioni non sono state salvate.
oops-busy-retry = Riprovi tra { $seconds ->
    [one] un secondo
   *[other] { $seconds } secondi
 }.
oops-internal-title = Si è verificato un errore
oops-internal = L'errore è nostro, non Suo. Riprovi tra qualche minuto. Se si ripete, ci indichi il riferimento qui sotto.
oops-cross-site-title = Modulo rifiutato
oops-cross-site = Questo modulo non proviene dalle nostre pagine. Per sicurezza non è stato elaborato. Apra di nuovo il portale e ricominci.
