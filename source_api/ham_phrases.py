"""How people text each other: the phrases of the generated ham. `{slots}` are filled from `words`."""

from source_api.words import lines

PLANS = lines("""
fancy {activity} {when}?
are you still ok for {activity} {when}
shall we do {activity} {when} or is it too late for you
I'm at {place} already, where are you?
running about {n} minutes late, save me a seat
can we make it {clock} instead, {excuse}
meet me outside {place} {when}
we are going to {place} {when}, do you want to come
I can pick you up from {place} {when} if you like
what time does {show} start?
{name} and {name} are coming to {activity} too
let's skip {activity} and just have {food} at home
I'm leaving {place} now, be there in {masked} minutes
is {name} joining us {when}
book a table for {n} at {clock}
don't wait up, I will be back after {clock}
we're meeting at {place} at {clock} and then {activity}
reached {place}. call me when you are near
I'll be in {town} {when}, we should catch up
got a spare ticket for {show} {when}, want it?
how about {food} {when}? my treat
can't make {activity} {when}, {excuse}
am on the train to {town}, gets in at {clock}
I have to be at {place} by {clock} so make it quick
""")

CHAT = lines("""
what are you doing
I'm {feeling}
how was {activity}?
{show} was {verdict}
did you watch {show} last night
I had {food} for lunch, it was {verdict}
nothing much here, just watching {show}
can't talk now, I'm in {work}
I will call you {when}
sorry I missed your call, {excuse}
guess who I saw at {place}
{name} says hi
I'm at home having {food}
it's so cold in {town} today
thinking of you
where have you been hiding
so what did {name} say about it
you never told me about {activity}
my {relative} is {feeling} today
I think I left {thing} at {place}
just woke up, {feeling}
I didn't get your last message
that was {verdict}, thanks
no idea, ask {name}
I was going to ask you the same
how's the new job going
you at {place} yet
have you eaten
who is this?
I know, I saw it too
it was nice to see you again
wait, I'm coming
why didn't you tell me
still waiting for {name} to reply
I'm not angry, just {feeling}
give me a ring when you get this
I've got a {ache} so staying in
it's ok, we can do it another day
did you find {thing}
oh really, since when
the neighbours are having a party again
I dreamt about {food} last night, weird
there was a fox in the garden eating {food}
can't find {thing} anywhere
my hair looks {verdict}, don't laugh
the dog ate {food} and now he's {feeling}
you sounded {feeling} on the phone, everything alright?
it's snowing in {town}! real snow
is it true that {name} is moving to {town}
I'm learning to cook, tonight it's {food}
I owe you {drink} for that
been cleaning all morning, {feeling} now
""")

HOME = lines("""
can you get {errand} and {errand} on the way home
{kid} asked for {food} again
your {relative} wants to know if you're coming {when}
please feed the cat, I'm back {when}
mum says dinner is at {clock}
the boiler is broken again, man is coming {when}
I put {thing} in the drawer by the door
pick up {kid} from {place} at {clock} please
is there any {food} left
my {relative} is in hospital, nothing serious
did you pay the rent? {boss} called
we need {errand}, can you stop at {shop}
{kid} got a {ache}, so no school today
your {relative} left {thing} here
don't forget it's {name}'s birthday {when}
the washing machine is leaking, call me
tell dad I'm bringing {food} on {day}
I transferred &lt;#&gt; to your account, check it
landlord wants {masked} by {day}
I'm at {shop}, do we need {errand}
""")

WORK = lines("""
{work} moved to {clock}
{boss} wants {study} by {day}
have you finished {study}
the lecture on {day} is cancelled, told you
my back hurts from all that typing
{boss} said no to the holiday, typical
people here are {feeling}, it must be the heating
half the team is ill so I'm doing {n} hours
I've only done {masked} pages of {study}
can you cover for me {when}, {excuse}
{work} was {verdict}, tell you later
stuck in {work} till {clock}
when is {study} due
I passed! {verdict} marks for {study}
send me the file for {work} when you can
got the job! start on {day}
in class now, text you after
{boss} is off today so it's quiet
bring {thing} to {work} please
can I borrow your notes for {study}
my computer crashed in the middle of {study}
I have an exam {when}, wish me luck
finished at last, going home for {food}
the salary is only {masked} a month &amp; no holidays
""")

WISHES = lines("""
{wish} {name}! hope you have a lovely day
{wish} to you and all the family
{wish}, see you {when}
thanks for {food} last night, it was {verdict}
a smile costs nothing and it makes the day of somebody
good friends are like stars, you can't always see them but they are there
may this day bring you joy, {name}
why did the chicken cross the road? to get to {shop}
knock knock. who's there? {name}. {name} who? you forgot me already
my {relative} told the best joke ever, remind me {when}
hope your {relative} is feeling better
be strong, {work} will be over soon
you're the best, really
sorry for last night, I was {feeling}
I miss you so much, come to {town}
""")

QUOTED = lines("""
{boss} just said "{work} is cancelled" so I'm free
today's thought: "a real friend walks in when the rest walk out" good night
"be kind to everyone you meet" that's what my {relative} always says
"{show}" was {verdict}, you have to see it
{name} calls it "the {verdict} one" lol
what does "{verdict}" even mean
"I'll be {n} minutes" she said, and that was at {clock}
short but true: "dream big and start small"
look up "{town} road" on the map, it's by {place}
"Hi its {name}, lost my phone, this is the new one"
there's a sign saying "no {food} after {clock}", love it
""")

QUOTED_WITH_COMMAS = lines("""
"{wish}, {name}" is all it said, no name, nothing
he said "I never liked {food}" and then ate mine, yours, all of it
"if you love something, let it go" my {relative} says, but I'm keeping {thing}
a little boy asked, "what is love?" and his {relative} said, "sharing {food}"
"{hello} {dear}, sorry I didn't call" honestly, the cheek
cute line: "walk like a queen, or walk like you don't care" gud nite, sweet dreams
you mean "tidy up," not "hide it", right {name}
""")

# Ends in a quotation mark that nothing opened: in the damaged export it swallows the start of the next record.
DANGLING = lines("""
hi, all fine here - back on {day}. forgot that I have {place} at {clock}, does that cause a problem for you?"
we are staying here another week, home next {day}. how did {show} go? see you soon"
""")

NOTICES = lines("""
your parcel from {company} will be delivered {when} between {clock} and {clock}
{company}: your appointment is on {day} at {clock}. reply YES to confirm
your {company} bill of £%%.%% is ready, please call {free} for questions
I won! {prize} in the office raffle, can you believe it
did you get that text saying you won {prize}? don't reply, it's a scam
call {free} and ask for a refund, they have to pay you back
my new number is {mobile}, text me so I have yours
{name}'s number is {mobile}, call now he's waiting
free entry before {clock} at the club {when}, cash only after
urgent, please call me back on {mobile} as soon as you can
they offer free delivery over £{sum}, shall I order
how do I stop these messages? they charge me {fee} every time
we could win {prize} at the quiz {when}, text {name} now
get a free drink with every {food} at {place}, offer ends {day}
your account at {company} is open, collect the card from any branch
I need £{sum} cash {when}, will pay you back on {day}
my phone contract is up, new mobile or an upgrade? {company} offers free minutes
you have been selected for the {day} team! reply to {name} to confirm your place
tickets are £%%.50 each, text me now if you want one, {n} left
txt me the code when the bank sends it, urgent
""")

SHORT = lines("""
{yes}
{yes} {dear}
{yes}, {when}
{yes}... {smile}
{hello} {dear}
{bye} {dear}
{yes}. {bye}
{when}?
at {place}
{smile} {smile}
call me {when}
where are you {dear}
""")

GENUINE_BACKSLASH = lines("""
they don\\'t know that I am in {town} {when}
it doesn\\'t matter, {name} has {thing}
""")
