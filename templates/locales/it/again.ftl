# Ancora una volta: la sessione non basta
signin-again = Lei è collegato con il nome { $username }. Per continuare, acceda ancora una volta: questo protegge i Suoi dati.
