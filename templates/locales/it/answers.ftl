# Ritorno al portale con un modulo
answer-title = Ritorno al portale
answer-text = La risposta viene trasmessa a { $app }. Se la pagina non cambia da sola, clicchi su «Continua».
answer-go-on = Continua
