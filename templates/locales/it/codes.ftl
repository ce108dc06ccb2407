# Codici
identify-elsewhere = Questo codice è per «{ $population }»:
identify-elsewhere-go = continuare con «{ $population }»
fault-code-elsewhere = Questo codice è per un'altra pagina. È indicata in alto.
data-account = Il suo conto
data-account-hint = Lei sceglie una nuova password per questo conto. Nel passo seguente inviamo un codice a questo indirizzo.
