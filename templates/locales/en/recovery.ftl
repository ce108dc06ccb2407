factor-sms-ask = Ask for a code by text message to { $number }.
