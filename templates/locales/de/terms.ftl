# Nutzungsbedingungen bei der Anmeldung
accept-terms-title = Nutzungsbedingungen akzeptieren
accept-terms-title-new = Neue Nutzungsbedingungen
accept-terms-first = Bitte lesen und akzeptieren Sie die Nutzungsbedingungen, bevor Sie fortfahren. Danach wird pro Version nur einmal gefragt.
accept-terms-again = Seit dem { $day } gilt eine neue Version der Nutzungsbedingungen. Bitte lesen und akzeptieren Sie sie, um fortzufahren.
accept-terms-earlier = Die von Ihnen früher akzeptierte Version nachlesen (neuer Tab)
accept-terms-renewed = Es wurde nichts akzeptiert: Die Seite, die Sie vor sich hatten, ist nicht mehr aktuell. Dies sind die geltenden Bedingungen.
accept-terms-print = Bedingungen zum Drucken öffnen (neuer Tab)
accept-terms-refusing = Ohne Ihre Zustimmung kann das Portal nicht genutzt werden. Wenn Sie ablehnen, kehren Sie ohne Zugang dorthin zurück; bei der nächsten Anmeldung können Sie immer noch zustimmen.
accept-terms-next = Akzeptieren und weiter
accept-terms-refuse = Ablehnen
terms-version-to-come = Version { $version }, gültig ab { $day }
terms-version-over = Version { $version }, gültig ab { $day }, inzwischen ersetzt oder zurückgezogen
terms-current = Geltende Bedingungen lesen
