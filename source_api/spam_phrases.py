"""How the generated spam talks: prizes, tones, clubs, loans, dates. `{slots}` are filled from `words`."""

from source_api.words import lines

PRIZES = lines("""
WINNER!! As a valued {company} customer you have been selected to receive {prize}! To claim call {premium}
URGENT! Your mobile number has won {prize}. Call {premium} from a land line {deadline}. Claim code {code}
Congratulations! You are awarded {prize}. Txt {keyword} to {short} to collect {deadline}
You have won {prize} in our weekly draw! Call {premium} {deadline}, quote {code}
FREE entry into our {day} draw for {prize}! Text {keyword} to {short}
Last chance to claim {prize}! Call {free} {deadline}
Your number {mobile} was drawn at random and wins {prize}. Claim at {url}
PRIVATE! Your account statement shows unredeemed points worth £{sum}. Call {premium}, identifier code {code}
{brand}: answer this question and win {prize}: which city is on the Thames? A) London B) Lima. Send A or B to {short}
Dear winner, we tried to contact you about {prize}. This is our 2nd attempt. Call {premium}
You are a guaranteed winner of {prize}, ring {premium} {deadline}
Todays quiz at {brand}: {prize} for the best score – send {keyword} to {short}
""")  # dashes as advertisements have them

TONES = lines("""
Get {tune} sent to your mobile! Text {keyword} to {short}. {brand}
Your free ringtone is waiting. Text the password "{code}" to {short} to verify. {brand}, PO Box %%%, {box}
{brand} brings you {tune}. Reply {keyword} or visit {url}
Want {tune}? It's only {fee}, txt {keyword} to {short}
New tones every week from {brand}! Order {tune} with {keyword} to {short}
Download {tune} + a free game at {url}. Club costs {fee}
Thanks for your ringtone order, ref {code}. Your mobile will be charged {fee}. Not you? Call {free}
Stop further club tones by replying "STOP {code}" – see {url} cost {fee}
""")  # dashes as advertisements have them

CLUBS = lines("""
You have been subscribed to {brand} for {fee}. {stop}
Welcome to {brand}! Your weekly alerts start {deadline}. {stop}
Upgrade to our new phone plan with {company}: double minutes and {n}00 free texts. Call {free}
Half price line rental with {company}! Free handset with camera, delivered {deadline}. Call {free}
Do you want a new video mobile, {n}00 minutes and free texts? Call {company} on {free} or reply YES
Hi this is {company}, your contract lets you have a free upgrade. Text {keyword} to {short}
You have 1 new voicemail. Please call {premium}
You have a missed message. To listen call {premium} {deadline}. {fee}
{brand} horoscope: a big change in love is near. Text your star sign to {short} now
Play our game at {url}: free bonus of £{sum}. {stop}
FREE msg: your {brand} credits are low. Top up {deadline} with {keyword} to {short}
SMS SERVICES for your inclusive text credits go to {url}. {stop}
Important notice from {company}: new tariff from {day}, details at {url} or call {free}
""")

MONEY = lines("""
Need cash {deadline}? {company} loans from £{sum}, no credit check. Text {keyword} to {short}
You may be owed £{sum} for your accident. Claim free: reply CLAIM to {short}. {stop}
Debts over £{sum}? New law lets you write off most of it. Call {free}
{company}: your loan for £{sum} is approved. Visit {url} to accept
Get £{sum} credit for bingo at {url} – bonus ends {deadline}
Refinance today & save £{sum} a year with {company}, homeowners only. Call {free}
""")  # dashes as advertisements have them

DATING = lines("""
Someone you know has a crush on you! Find out who, call {premium}. {fee}
{brand}: {n} singles in {town} want to meet you. Text {keyword} to {short}
Hi I'm {name}, lonely in {town} and want to chat live. Call me on {premium}
Want a date {when}? Text {keyword} to {short} for sexy singles near {town}
You have a secret admirer who says you're hot! Reveal who at {url}
{name} sent you a picture message. View it with {keyword} to {short}, {fee}
Your {brand} match {name}, from {town}, is online now. Reply {keyword} to talk
""")

# Notices like those that honest firms and friends send.
SCAMS = lines("""
your parcel from {company} could not be delivered, please call {premium} to arrange a new day
{company}: your account will be closed on {day}. please confirm your card at {url}
your {company} bill is £%%.%% too high, call {premium} for a refund
we have tried to deliver {errand} to you, pay £%.%% at {url} {when}
urgent, please call {company} back on {premium} as soon as you can
you are due a refund of £{sum} from {company}, reply YES to confirm
free delivery {when}! order {food} at {url}
tickets for {show} are £%%.50 each, text {name} on {premium}
{company}: your appointment on {day} at {clock} is confirmed, details at {url}
hi it's {name} from {company}, call me back about {prize}
your upgrade is ready at {shop}, bring the code {code}
did you know {company} owes you £{sum}? ask for it {when}, call {free}
""")

ENDINGS = lines("""
{terms}
{stop}
{terms}. {stop}
{terms} {terms}
""")

# Written to pass for a friend; the hard cases for a classifier.
FRIENDLY = lines("""
{hello} it's {name}, is this still your number? call me back
{hello} {dear}, I'm {feeling}, what are you doing {when}
did you get my last message {dear}? reply and I'll tell you {when}
are you at home {when}? I have something to show you {smile}
sorry I missed your call, ring me when you are free
{hello} {name} gave me your number, fancy {drink} {when}
I saw you at {place} on {day}, you looked {verdict}. text me
hey {dear} can't talk now, text me on {mobile}
how are you? I'm in {town} {when}, lets meet
will you be at {activity} {when}? it's {name}
can you send me some credit, I will pay you back {when}
{hello}, was it you at {place} with {name}? call me when you get this
""")
