# Codici
identify-elsewhere = Questo codice è per «{ $population }»:
identify-elsewhere-go = continuare con «{ $population }»
fault-code-elsewhere = Questo codice è per un'altra pagina: segua il link che vi porta.
data-account = Il Suo account
data-account-hint = Scelga una nuova password per questo account. Nel passo seguente inviamo un codice a questo indirizzo.
