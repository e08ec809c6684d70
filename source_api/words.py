"""The vocabulary of the generated corpus: what each `{slot}` of a phrase can stand for.

Slots may hold slots. A `%` becomes a random digit. Telephone numbers are from the ranges that Ofcom keeps for drama,
web addresses end in the reserved `.example`: nobody can be called or visited by mistake.
"""


def lines(block: str) -> tuple[str, ...]:
    """The lines of a block of text, one choice each."""
    return tuple(block.strip().splitlines())


def options(block: str) -> tuple[str, ...]:
    """What stands between the bars of a block of text, one choice each."""
    return tuple(option.strip() for option in block.split("|"))


def words(line: str) -> tuple[str, ...]:
    """The words of a block of text, one choice each."""
    return tuple(line.split())


PEOPLE = {
    "name": words("""
        Amy Ben Carla Dan Ellie Femi Gita Hugh Isla Jodie Kev Lara Mo Nadia Olly Priya Quinn Rosie Sam Tariq Uma Viv
        Wes Yusuf Zac Beth Callum Dee Ewan Fran Gareth Hana Imran Jas Kirsty Liam Mags Nick Oscar Paula Rob Shaz Tess
        Zoë José Björn
    """),
    "relative": words("mum dad sis bro gran grandad auntie uncle cousin nan stepdad sister brother mother father"),
    "dear": words("babe hun love mate dude darling sweetie honey pal chick bro dear lovely"),
    "kid": options("the kids | the little one | the twins | my nephew | the baby | our niece | the boys"),
    "boss": options("""
        my boss | the manager | my supervisor | HR | the new guy | my tutor | the professor | the landlord
    """),
}

PLACES = {
    "place": options("""
        the station | the library | the pub | town | yours | mine | the gym | the office | the park | the bus stop |
        the market | the cinema | uni | the café | the canteen | the dentist | the airport | the hospital | school |
        the bank | church
    """),
    "town": words("Leeds York Bath Cardiff Derby Hull Luton Oxford Perth Truro Ripon Stoke Exeter Dundee Wigan Malmö"),
    "shop": options("the supermarket | the corner shop | the chemist | the bakery | the post office | the phone shop"),
}

THINGS = {
    "food": options("""
        pizza | curry | noodles | fish and chips | soup | a sandwich | pasta | roast chicken | dumplings | porridge |
        toast | leftovers | cake | a salad | biryani | pancakes | jollof | ice cream | tapas
    """),
    "drink": options("""
        a coffee | a pint | some tea | a smoothie | wine | hot chocolate | a latte | orange juice | water
    """),
    "errand": options("""
        milk | bread | cat food | stamps | the dry cleaning | a birthday card | batteries | washing powder |
        the tickets | plasters | a charger | onions | nappies | light bulbs | the parcel | printer ink | flowers
    """),
    "thing": options("""
        my keys | the umbrella | your jumper | the laptop | my wallet | that book | the camera | my notes |
        the spare charger | your scarf | the guitar | my purse | the car | the remote | my glasses | the tent
    """),
    "activity": options("""
        the cinema | a swim | lunch | dinner | a run | bowling | the match | a walk | badminton | studying | the gym |
        a drive | karaoke | cards | a movie night | yoga | brunch | the quiz | shopping | climbing | a barbecue
    """),
    "study": options("""
        my essay | the exam | the lab report | my dissertation | the stats homework | that presentation |
        the reading | my timetable | the coursework | chemistry | the group project | my thesis
    """),
    "work": options("""
        the meeting | the report | my shift | the night shift | the interview | the invoice | the client | payroll |
        the training day | the deadline | the stock take | my appraisal
    """),
    "show": options("""
        the game | that film | the news | the final | that new series | the match | the quiz show | a documentary
    """),
    "ache": options("headache | cold | sore throat | toothache | bad back | temperature | hangover | cough"),
}

TIMES = {
    "day": words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "when": options("""
        tonight | tomorrow | on {day} | this weekend | later | after work | next week | at {clock} | this afternoon |
        in a bit | after class | tomorrow morning | by {clock} | soon | around {clock}
    """),
    "clock": words("7 8 9 10 11 noon 1 2.30 3 4.15 5 6 6.30 7.45 half-8 8pm 9am 10:30 5ish 4pm"),
    "n": words("2 3 4 5 6 8 10 12 15 20 25 30 40 50"),
    "masked": words("&lt;#&gt; &lt;#&gt; &lt;#&gt; &lt;DECIMAL&gt; &lt;TIME&gt;"),
}

MOODS = {
    "feeling": options("""
        tired | happy | so bored | starving | knackered | a bit sad | excited | nervous | much better | freezing |
        lazy | stressed | half asleep | ready | sleepy | proud of you | fine | rubbish | lost | worried
    """),
    "verdict": options("""
        brilliant | lovely | awful | ok | quite good | really long | funny | a bit odd | great | mad | rubbish
    """),
    "smile": words(":) :-) ;) :( :D xx xxx x lol haha hehe :P"),
    "hello": options("""
        Hi | Hey | Hiya | Hello | Morning | Yo | Alright | Hey there | Good evening | Gud mrng | Evening
    """),
    "bye": options("""
        See you then | Talk later | Call me | Text me back | Take care | Love you | Miss you | Bye | Cheers |
        Let me know | Thanks | Good night | Sleep well | Speak soon | Catch you later | No rush | Be safe | Ta
    """),
    "yes": options("""
        Yeah | Yes | Yep | Ok | Sure | Ok lah | Fine | Cool | Alright | No | Nope | Not yet | Maybe | K | Hmm | Oh |
        Ah
    """),
    "excuse": options("""
        the bus is stuck | my phone died | I overslept | train is cancelled | my {relative} rang | traffic is mad |
        I was in the shower | {boss} kept me | {kid} won't sleep | I forgot {thing} | it's raining
    """),
    "wish": options("""
        Happy birthday | Merry Christmas | Happy new year | Congratulations | Good luck | Get well soon |
        Happy anniversary | Happy Diwali | Eid Mubarak | Well done | Sweet dreams | Happy Easter
    """),
}

OFFERS = {
    "brand": words("""
        TopTones MobiPrize TextPal RingBox WinLine FoneDeals QuizMax StarChat TxtClub DialADate ToneZone CashCall
        LuckyText SkyMobi FunFone PixClub JukeTxt GoldDraw
    """),
    "company": words("MobiPlus FoneCo TelStar Airwave CityBank Parcelway NetOne EasyLoan ClaimLine HomeStore"),
    "prize": options("""
        £{sum} cash | a £{sum} prize | £{sum} in shopping vouchers | a holiday for two in Spain | a new camera phone |
        a video handset | a £{sum} bonus | an MP3 player | tickets to the final | a colour phone |
        a weekend in Paris | €{sum} cash | a games console | a £{sum} gift card | a luxury break | a laptop
    """),
    "sum": words("50 100 150 200 250 350 400 500 750 900 1000 1500 2000 5000 10,000"),
    "fee": words("25p 50p £1 £1.50 £3 £4.50/wk 10p/min 150p 150ppm £1.50/msg 60p/min 150p/day £5/month"),
    "premium": words("0909879%%%% 0909879%%%% 09098790%%%"),
    "free": words("08081570%%% 0808157%%%%"),
    "mobile": words("07700900%%% 07700900%%% 447700900%%%"),
    "short": words("8%%%% 8%%%% 6%%%% 8%%%%"),
    "code": words("K%% W%%H S%%% {keyword}% C%%%% X%%"),
    "keyword": words("WIN YES TONE GO CHAT PLAY DATE CASH QUIZ CLAIM LOVE GAME FREE MUSIC POLY STAR HOT BINGO CLUB"),
    "stop": options("""
        Reply STOP to end | To stop text STOP to {short} | Send STOP to opt out | Txt STOP 2 cancel |
        Opt-out? reply END | To unsubscribe text STOP
    """),
    "terms": options("""
        18+ only | T&Cs apply | Terms at {url} | Cost {fee} | Calls {fee} | Msgs {fee} | 18 or over | BT line only |
        PO Box %%% {box} | Std txt rate | Max %0 mins | 16+ | TCs {url} | Ntwk rates may vary
    """),
    "box": words("LE%2DD W%5XY SK%8GH M%4BC CR%9TT EH%1ZZ"),
    "url": words("""
        www.toptones.example www.mobiprize.example http://win.example/claim www.txtclub.example/tc
        http://fonedeals.example www.starchat.example www.quizmax.example/go
    """),
    "tune": options("""
        the number 1 hit | a free ringtone | any true tone | 10 polyphonic tones | the latest chart tone |
        a funny voice clip | 5 logos | a real music tone | this week's top tune
    """),
    "deadline": options("""
        before midnight | within 24hrs | today | by Sunday | by {day} | now | before it expires | ASAP |
        in the next 2 hours
    """),
}

SLOTS = PEOPLE | PLACES | THINGS | TIMES | MOODS | OFFERS
