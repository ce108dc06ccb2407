# Zu viele Anfragen von einer Adresse
oops-too-many-title = Zu viele Anfragen
oops-too-many = Aus Ihrem Netz wurden sehr viele Anmeldungen begonnen. Zum Schutz des Dienstes nehmen wir im Moment keine weiteren an. Nichts, was Sie gespeichert hatten, ist verloren.
oops-too-many-retry = Warten Sie { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
 }, gehen Sie dann zurück zum Portal und beginnen Sie neu. Wenn Sie in einem Firmennetz sind, informieren Sie dessen Informatik.
