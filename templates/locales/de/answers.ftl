# Zurück zum Portal mit einem Formular
answer-title = Zurück zum Portal
answer-text = Die Antwort wird an { $app } übergeben. Falls die Seite nicht von selbst wechselt, klicken Sie auf «Weiter».
answer-go-on = Weiter
