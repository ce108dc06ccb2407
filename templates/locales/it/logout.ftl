# Dopo l'uscita

leaving-title = Uscita in corso
leaving-text = La Sua sessione protetta è terminata. Termina anche qui:
leaving-next = Continua
logged-out-trying = Questi portali non hanno ancora risposto. Continuiamo ad avvisarli:
logged-out-failed = Non è stato possibile avvisare questi portali. La preghiamo di uscire anche da lì:
