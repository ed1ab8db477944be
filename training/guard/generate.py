"""Writes texts with labelled spans to train the words of the guard: `generate.py DATA OUT`.

DATA holds `pii/` and `clapnq/`, as docs/howto/evaluate.md describes. The templates and the ordinary
prompts of this file were written for this purpose; names come from `names.py`. Each line is
{"text", "spans": [[start, end, class]], "set", "group"}; classes are PER ADR LOC ORG. The texts of
DATA are labelled by their own annotators; those that are made here by their templates.
"""

import json
import random
import re
import string
import sys

from names import TOWNS, company_words, people, places

SEED = 7
MADE = 26_000

PERSON_TEMPLATES = """
My name is {name}.|my name is {name} and I need help|I'm {name}, nice to meet you|Hi, this is {name}
Hello {first}, how are you?|Dear {prefix} {last},|Dear {name},|Hi {first},|Hey {first}! are you free tonight?
Please contact {name} about the invoice.|Ask {first} to send me the files.|{name} will join the call at 5.
{first} said that {first} would come later.|I spoke with {prefix} {last} yesterday.|{prefix} {name} is our new manager.
The patient, {name}, was admitted on Monday.|Patient {name} reports a headache.|Customer: {name}|Name: {name}
The account is in the name of {name}.|Send the contract to {name} for signature.|cc {name} and {name} on this.
Write a birthday message for my friend {first}.|Write a reference letter for {name}, who worked with me for two years.
My boss {first} keeps shouting at {first}.|{first} and {first} are getting married in June.|{last} was late again.
{name} directed the film and {name} wrote the music.|A concert by {name} was cancelled.|The song by {last} is a classic.
Have you read the {last} biography?|According to {name}, sales will rise.|"We are happy," said {name}.
{name} lives at {address}.|{first} moved to {city} in 2015.|{name} works for {org} in {city}.
{name}, the chief accountant of {org}, resigned.|Signed: {name}|Kind regards, {name}|Best wishes,
{first}|Thanks, {first}|Regards,
{name}
{org}|-- 
{name}
{org}
{address}|From: {name}|To: {name}|Attendees: {name}, {name}, {name} and {name}|Beneficiary: {name}|She named her son {first}.
My maiden name was {last}.|Her husband {first} and their children {first}, {first} and {first} live in {city}.
The lawyers {last}, {last} and {last} founded the firm.|I am {first}'s mother.|It belongs to {name}.
Is {first} there?|can you tell {first} to call me back?|who is {name}?|My doctor is Dr. {last}.|Professor {last} teaches physics.
{name} scored twice.|{first}: where are you?
{first}: at home|{last}'s novel won a prize.|a tribute to {name}|The play was written by {first} {last}.
Employee {name} asked for leave.|Reset the password of user {name}.|The card holder is {name}.
Follow up with {name} next week.|I want to add {name} to my insurance.|Everyone calls me {first}.|Just call me {first}.
{name} ({org}) will present.|Our founders {name} and {name} met in {city}.|You can tell {first} was a fan of {name}.
Mr {last} is 50 years old and grew up in {city}.|Ms. {last} arrived from {city} this morning.|Unlike {last}, I stayed.
Hello, {prefix} {last}, thanks for calling.|{prefix} {name} {address}|The witness {name} saw the car.|née {last}
The version by {name} was recorded for {org}.|the verses of {name}|early {last} records are better|producer {name} explained
actor {name} and singer {name}|my neighbour {first} has a dog|{first} from accounting called|why is {first} so rude?
meet {first} {last} from {org}|Interview with {name}|{name}, {city}|{last}, {first}|Applicant: {last}, {first}
"""

ADDRESS_TEMPLATES = """
My address is {address}|I live at {address}.|Please deliver to {address}|Ship it to {address} please.|Address: {address}
Our office is at {address}.|The {org} office is located at {address}.|Send the parcel to {name}, {address}.
I moved to {address} last month.|Meet me at {address} at noon.|the taxi should pick me up at {address}|Return address: {address}
What is the fastest way to {address}?|The letter arrived at {address} yesterday.|Billing address: {address}
Shipping address:
{address}|{name}
{address}|{name}
{org}
{address}|{org}

{address}|>{name}
>{org}
>{street}
>{second}
>{city}
>{country} {zip}|My zip code is {zipcode}.|zip {zipcode}|postal code: {zipcode}|The house on {street} burned down.
Turn left into {street} and stop.|We met on {street} in {city}.|The clubs of {street} in {city} are famous.
{name}
{address}
{phone} office|Can you change my address to {address}?|new address {address}, old address {address}
I'd like to call a taxi to {address}, please.|He gave her his address: {street}, {city}|in case of an issue return to {address}
the shop is at the corner of {street} and {street}|It is in {address}|where? {address}|{prefix} {name} {second} {street}
{city} {state} {zipcode}|Branches: {street}, {city}; {street}, {city}|As promised, here is {first}'s address:

{address}|My mother lives at {street}, {city}, {country}.|{address} is my billing address|It's in {address}
Please update my record to {address} instead of {address}.|The venue is {street}, {city} {zip}.
??? {name}
??? {org}
??? {street}
??? {second}
??? {city}
??? {country} {zip}|The {org} branch at {street} is closed.|{street}
{second}
{city}
{country} {zip}|{name} {street} {city} {zip}|Pedestrians must enter on {street} after nine.
"""

PLACE_TEMPLATES = """
I live in {city}.|I'm from {city}.|I am originally from {country}.|We moved here from {country}.|My family lives in {city}, {country}.
She grew up in {city}.|I was born in {city}.|He is flying to {city} tomorrow.|I'm in {city} for a conference.|We stayed in {city} for a week.
Who is coming to {country} with me?|{country} was great fun.|My parents live in {country}.|I work in {city}.|I am travelling to {country} next week.
We opened a new branch in {city}.|My brother studies in {city}.|My hometown is {city}.|I need a hotel in {city} for two nights.
Where: {city} Country Club|When: Friday
Where: {city}|{first} arrived in {city} from {country}.|I left {country} years ago.|my flight to {city} was cancelled
he was injured in {country} but came home|In {country} we eat late.|Our home city {city} is dominated by industry.|a tribute to {country}
I'm glad to hear that {country} is moving in that direction|celebrating our 10th year in {city}|The princess arrived at {city} this morning.
the weather here in {city} is awful|she lives in {city} now|I lost my card in {city}|The trip from {city} to {city} took hours.
My visa for {country} expired.|Ship from: {city}, {country}|Location: {city}|City: {city}|Country: {country}|resident of {city}
"""

ORG_TEMPLATES = """
I work for {org}.|{first} is from {org}.|She works at {org} as an engineer.|I have an interview at {org} on Monday.
My employer is {org}.|Company: {org}|Employer: {org}|{org} is the brainchild of our founders.|The CEO of {org} resigned.
During the 1990s, {org} invested heavily in chips.|My account is with {org}.|I spent a year at {org} and then moved to {org} in {city}.
{org} is a charity that helps musicians.|The car makers {org}, {org} and {org} dominate the city.|Invoice from {org}
We'll meet on Friday at {org}, {street}, {city}|{org} hired {name}.|the address of {org} is {address}|my shares of {org} fell
recorded for {org} in one day|{org} became famous in 1965|I bought it from {org} last week|Vendor: {org}
The merger of {org} and {org} was announced.|{name} left {org}.|{name}, {org}|our supplier {org} is late
"""

# What nothing is to be found in. Names in them are common knowledge, not somebody's own.
FAMOUS = """Shakespeare|Einstein|Newton|Darwin|Mozart|Beethoven|Picasso|Napoleon|Cleopatra|Aristotle|Plato|Marie Curie
Isaac Newton|Albert Einstein|Leonardo da Vinci|Vincent van Gogh|Jane Austen|Charles Dickens|Mark Twain|Homer|Dante
Sherlock Holmes|Harry Potter|Hamlet|Batman|Superman|Frankenstein|Romeo and Juliet|Abraham Lincoln|George Washington
Julius Caesar|Genghis Khan|Gandhi|Nelson Mandela|Buddha|Confucius|Freud|Marx|Nietzsche|Kant|Tesla|Turing|Ada Lovelace
Bach|Chopin|Elvis|the Beatles|Taylor Swift|Michael Jackson|Santa Claus|Zeus|Odysseus|King Arthur""".replace("\n", "|").split("|")
WORLD = """France|Germany|Japan|China|India|Brazil|Canada|Australia|Italy|Spain|Mexico|Egypt|Russia|Greece|Rome|Paris|London
New York|Tokyo|Berlin|Africa|Europe|Asia|America|the United States|the UK|California|Texas|Ancient Rome|Mars|Jupiter|the Moon""".replace("\n", "|").split("|")
THINGS = """Python|JavaScript|TypeScript|Rust|Go|Java|Kotlin|SQL|Excel|Word|PowerPoint|Photoshop|Linux|Windows|macOS|Android|iOS|Docker
Kubernetes|React|Django|Flask|PyTorch|TensorFlow|GitHub|Git|AWS|Azure|Google Cloud|PostgreSQL|Redis|Kafka|WordPress|Bash
ChatGPT|Bitcoin|Ethereum|Facebook|Google|Amazon|Apple|Microsoft|Netflix|YouTube|Instagram|Minecraft|Monopoly|Chess|Marvel|Star Wars
World War II|the Renaissance|the Industrial Revolution|the Cold War|the French Revolution|Christmas|Halloween|Easter|Ramadan
Buddhism|Islam|Christianity|English|Spanish|French|German|Latin|Mandarin|NASA|the UN|the EU|COVID-19|DNA|HTML|CSS|JSON|HTTP""".replace("\n", "|").split("|")
TOPICS = """photosynthesis|compound interest|a healthy breakfast|time management|climate change|machine learning|quantum physics|the water cycle
a job interview|a house plant|knitting|marathon training|a sourdough starter|public speaking|sleep|meditation|black holes|tax returns
negotiation|a cover letter|wedding speeches|gardening|chess openings|a small business|remote work|cat behaviour|dog training|inflation
neural networks|a balanced diet|solar panels|electric cars|the stock market|poetry|haiku|a murder mystery|a birthday party|first aid""".replace("\n", "|").split("|")
ORDINARY = """
What is the capital of {world}?|Who was {famous}?|Who wrote {famous}?|When was {famous} born?|Tell me about the history of {world}.
Explain {topic} to a ten year old.|Write a poem about {topic}.|How do I install {thing} on {thing}?|What is the difference between {thing} and {thing}?
Write a short story in the style of {famous}.|Summarise the theory of {famous} in three sentences.|How many people live in {world}?
Give me five tips for {topic}.|How can I learn {thing} quickly?|What are the main exports of {world}?|Translate "good morning" into {thing}.
Write a function in {thing} that reverses a list.|How do I kill a process in {thing}?|Plan a three day trip to {world}.|Is {topic} good for you?
What's the best way to start with {topic}?|Fix the error in this {thing} code.|List the causes of {thing}.|What did {famous} discover?
Compare {world} and {world} by area.|Why did {famous} become famous?|Can you recommend books about {topic}?|Create a table of {topic} facts.
You are a helpful assistant. Explain {topic}.|Act as a travel guide for {world}.|I want to start with {topic}. Where do I begin?
Describe the plot of {famous}.|What language is spoken in {world}?|How does {thing} work?|Which is better, {thing} or {thing}?
Write an email to my boss about {topic}.|Draft a tweet about {topic}.|Rewrite this paragraph about {topic} in a formal tone.
Generate ten names for a company that sells {topic}.|Brainstorm titles for a blog about {topic}.|What are the side effects of aspirin?
Convert 25 degrees Celsius to Fahrenheit.|What time is it in {world}?|Tell me a joke about {thing}.|Name three books by {famous}.
Proofread the following text: Our team has been working on {topic} since March.|The Company shall indemnify the Client against all claims.
Capital letters such as Freedom and Justice are not names.|This Agreement is governed by the laws of {world}.|The Board of Directors met on Tuesday.
SELECT name FROM users WHERE id = 1;|def main(): print("Hello World")|Error: Cannot read property of undefined|Chapter 3: The Long Winter
CAN YOU HELP ME WITH {topic}?|HOW DO I USE {thing}|how do i use {thing}|whats the weather in {world}|best restaurants in {world}
The President of {world} signed the bill.|The Prime Minister spoke to the House of Commons.|In Star Wars, who is Luke's father?
My card was declined, what should I do?|How do I reset my password?|Could I change the due date of my bill?|I want to speak to a person!
Where can I see my statement?|Is there a fee to send money abroad?|Do you deliver on Sunday?|I forgot my PIN|What are your opening hours?
Every Monday and Thursday we go swimming.|I love {thing} and {thing}.|Happy {thing} everybody!|Dear Sir or Madam,|Dear Hiring Manager,|Hi there,|Hello everyone,
""".strip()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.people = people()
        self.locales = [l for l, (g, f) in self.people.items() if len(g) > 40]
        self.places, self.countries = places()
        self.town_locales = [l for l, v in self.places.items() if len(v[0]) > 5]
        self.suffixes = company_words()

    def pick(self, values):
        return self.random.choice(values)

    def chance(self, share):
        return self.random.random() < share

    def first(self, locale=None):
        return self.pick(self.people[locale or self.pick(self.locales)][0])

    def last(self, locale=None):
        return self.pick(self.people[locale or self.pick(self.locales)][1])

    def name(self):
        locale = self.pick(self.locales)
        first, last = self.first(locale), self.last(locale)
        style = self.random.random()
        if style < 0.06:
            return f"{first} {self.pick(string.ascii_uppercase)}. {last}"
        if style < 0.10:
            return f"{first} {self.pick(['van der', 'van', 'de', 'von', 'da', 'dos', 'de la', 'el'])} {last}"
        if style < 0.13:
            return f"{self.pick(string.ascii_uppercase)}. {last}"
        if style < 0.17:
            return f"{first} {last}-{self.last(locale)}"
        if style < 0.22:
            return f"{first} {last} {self.last(locale)}"
        return f"{first} {last}"

    def city(self):
        if self.chance(0.2):
            return self.pick(TOWNS)
        if self.chance(0.15):
            return self.last() + self.pick(["ville", " City", "ton", "burg", " Heights", "field", "port"])
        town = self.pick(self.places[self.pick(self.town_locales)][0])
        return town.upper() if self.chance(0.08) else town

    def digits(self, low, high):
        count = self.random.randint(low, high)
        return "".join(self.pick(string.digits) for _ in range(count))

    def zipcode(self):
        return self.digits(5, 5) if self.chance(0.8) else f"{self.digits(5, 5)}-{self.digits(4, 4)}"

    def zip(self):
        r = self.random.random()
        if r < 0.6:
            return self.digits(4, 6)
        if r < 0.75:
            return f"{self.digits(4, 4)} {''.join(self.pick(string.ascii_uppercase) for _ in range(2))}"
        if r < 0.9:
            letters = string.ascii_uppercase
            return f"{self.pick(letters)}{self.pick(letters)}{self.digits(1, 2)} {self.digits(1, 1)}{self.pick(letters)}{self.pick(letters)}"
        return f"{self.digits(3, 3)} {self.digits(2, 2)}"

    def state(self):
        return "".join(self.pick(string.ascii_uppercase) for _ in range(2))

    def street(self):
        """A street with its number, as different countries write it."""
        locale = self.pick(self.town_locales + ["en_US"] * 6 + ["en_GB"] * 3)
        _, _, streets, _ = self.places[locale]
        number = self.digits(1, 4).lstrip("0") or "7"
        r = self.random.random()
        base = self.last()
        if locale.startswith("en") or r < 0.35:
            kind = self.pick(["Street", "Avenue", "Road", "Lane", "Drive", "Court", "Boulevard", "Place",
                              "St", "St.", "Ave", "Rd", "Way", "Circle", "Square", "Terrace", "Highway", "Parkway"])
            name = self.pick([base, f"{self.first()}", self.pick(["Oak", "Maple", "Cedar", "Park", "Lake", "Hill", "River",
                              "Church", "Station", "High", "Main", "King", "Queen", "Victoria", "Mill", "Washington", "Elm"]),
                              f"{self.random.randint(1, 120)}th", f"North {base}", f"{base} {self.last()}"])
            return f"{number} {name} {kind}" if self.chance(0.85) else f"{name} {kind}"
        if streets:
            street = self.pick(streets)
        elif locale.startswith(("de", "nl", "sv", "da", "no")):
            street = base + self.pick(["straße", "weg", "gasse", "platz", "allee", "straat", "laan", "plein", "gatan",
                                       "vägen", "gade", "vej", "veien", "gata", "dijk", "kade", "stasse", "hof"])
        else:
            kind = self.pick(["Rue de la", "Rue", "Avenue", "Via", "Viale", "Piazza", "Calle", "Avenida", "Plaza", "Rua",
                              "Travessa", "Largo", "ul.", "ulica", "Ulitsa", "Camino", "Carretera", "C/", "Impasse", "Chemin du",
                              "Boulevard", "Strada", "Trg", "Cesta", "Bulevar", "Paseo", "Callejón", "Quai", "Rúa"])
            street = f"{kind} {self.pick([base, self.name(), self.city()])}"
            if self.chance(0.15):
                street = base + self.pick([" utca", " út", "katu", "tie", "kuja", "nám.", " sokak"])
        r = self.random.random()
        if r < 0.6:
            return f"{street} {number}"
        return f"{number} {street}" if r < 0.85 else street

    def second(self):
        return f"{self.pick(['Apt.', 'Apt', 'Suite', 'Unit', 'Floor', '#', 'Flat', 'App.', 'Room'])} {self.digits(1, 3)}"

    def address(self):
        r = self.random.random()
        if r < 0.04:
            return f"PSC {self.digits(4, 4)}, Box {self.digits(3, 4)}\nAPO {self.pick(['AP', 'AE', 'AA'])} {self.zipcode()}"
        if r < 0.06:
            return f"{self.pick(['USS', 'USNS', 'USCGC'])} {self.last()}\nFPO {self.pick(['AP', 'AE', 'AA'])} {self.zipcode()}"
        if r < 0.08:
            return f"Unit {self.digits(4, 4)} Box {self.digits(4, 4)}\nDPO {self.pick(['AP', 'AE', 'AA'])} {self.zipcode()}"
        if r < 0.14:
            return f"the corner of {self.street()} and {self.last()} Street"
        if r < 0.2:
            return f"{self.pick(['P.O. Box', 'PO Box', 'Postfach', 'BP'])} {self.digits(2, 4)}, {self.city()}"
        separator = self.pick([", ", "\n", " ", "\n ", ", \n", ",\n"])
        parts = [self.street() if self.chance(0.7) else f"{self.digits(2, 2)} {self.street()}"]
        if self.chance(0.45):
            parts.append(self.second())
        town = self.city()
        if self.chance(0.25):
            town = f"{self.zip()} {town}"
        parts.append(town)
        if self.chance(0.3):
            parts.append(self.pick([self.state(), "nan", self.state() + " " + self.zipcode()]))
        if self.chance(0.55):
            parts.append(self.pick(self.countries))
        if self.chance(0.5):
            parts[-1] += self.pick([" ", ", ", "\n "]) + self.zip()
        return separator.join(parts)

    def org(self):
        r = self.random.random()
        if r < 0.25:
            return f"{self.last()} {self.pick(['Ltd.', 'Inc.', 'LLC', 'GmbH', 'Group', 'and Sons', 'Ltd', 'PLC', 'Inc', 'Corp.'])}"
        if r < 0.4:
            return f"{self.last()}, {self.last()} and {self.last()}"
        if r < 0.5:
            return f"{self.last()}-{self.last()}"
        if r < 0.6:
            return f"{self.last()} {self.pick(self.suffixes)}"
        words = ["Data", "Solar", "Open", "Blue", "Net", "Cloud", "Smart", "Green", "Bright", "Health", "Earth", "Buena", "Simple",
                 "Grand", "Urban", "Star", "Vista", "Liquid", "Better", "Total", "Prime", "Quick", "Fresh", "Garden", "Auto"]
        ends = ["Systems", "Networks", "Robotics", "Census", "Nation", "Technology", "Maintenance", "Foods", "Bank", "Insurance",
                "Labs", "Media", "Partners", "Stores", "Logistics", "Energy", "Industries", "Guard", "Yard", "Design", "Works"]
        if r < 0.8:
            return f"{self.pick(words)} {self.pick([self.pick(ends), f'{self.pick(words)} {self.pick(ends)}'])}"
        if r < 0.93:
            return self.pick(words) + self.pick(ends).lower() if self.chance(0.7) else self.pick(words).lower() + self.pick(ends).lower()
        return f"{self.pick(['University of', 'Department of', 'Bank of', 'Institute of', 'Museum of'])} {self.pick([self.city(), self.pick(words) + ' ' + self.pick(ends)])}"

    def phone(self):
        return self.pick([f"+{self.digits(2, 2)} {self.digits(3, 3)} {self.digits(6, 7)}",
                          f"({self.digits(3, 3)}){self.digits(3, 3)}-{self.digits(4, 4)}",
                          f"{self.digits(3, 3)}-{self.digits(3, 3)}-{self.digits(4, 4)}"])

    SLOTS = {
        "name": ("name", "PER"), "first": ("first", "PER"), "last": ("last", "PER"), "prefix": (None, "PER"),
        "address": ("address", "ADR"), "street": ("street", "ADR"), "second": ("second", "ADR"),
        "zip": ("zip", "ADR"), "zipcode": ("zipcode", "ADR"), "state": ("state", "ADR"),
        "city": ("city", "LOC"), "country": (None, "LOC"), "org": ("org", "ORG"), "phone": ("phone", None),
        "famous": (None, None), "world": (None, None), "thing": (None, None), "topic": (None, None),
    }

    def value(self, slot):
        lists = {"prefix": ["Mr.", "Mrs.", "Ms.", "Dr.", "Miss", "Mr", "Mrs", "Prof."], "country": self.countries,
                 "famous": FAMOUS, "world": WORLD, "thing": THINGS, "topic": TOPICS}
        return self.pick(lists[slot]) if slot in lists else getattr(self, slot)()

    def make(self, template):
        text, spans = "", []
        for part in re.split(r"(\{\w+\})", template):
            slot = part[1:-1] if part.startswith("{") and part.endswith("}") else None
            if slot not in self.SLOTS:
                text += part
                continue
            value = self.value(slot)
            label = self.SLOTS[slot][1]
            if label:
                spans.append([len(text), len(text) + len(value), label])
            text += value
        if spans and self.chance(0.12):
            lowered = text.lower()
            text = lowered if len(lowered) == len(text) else text
        elif self.chance(0.02):
            upper = text.upper()
            text = upper if len(upper) == len(text) else text
        return text, spans


LABELS = {"PERSON": "PER", "PREFIX": "PER", "ADDRESS": "ADR", "STREET_ADDRESS": "ADR", "ZIP_CODE": "ADR",
          "LOCATION": "LOC", "GPE": "LOC", "ORGANIZATION": "ORG"}


def main(data, out):
    maker = Maker(SEED)
    families = [(PERSON_TEMPLATES, 0.30), (ADDRESS_TEMPLATES, 0.25), (PLACE_TEMPLATES, 0.12), (ORG_TEMPLATES, 0.13), (ORDINARY, 0.20)]
    with open(out, "w", encoding="utf-8") as file:
        def write(text, spans, kind, group):
            file.write(json.dumps({"text": text, "spans": spans, "set": kind, "group": group}, ensure_ascii=False) + "\n")

        for number, (templates, share) in enumerate(families):
            templates = [t.strip("\n") for part in templates.strip("\n").split("|") for t in unfold(part)]
            templates = [t for t in templates if t.strip()]
            for index in range(int(MADE * share)):
                template = templates[index % len(templates)]
                # Two texts after another teach where one ends.
                if maker.chance(0.2):
                    text, spans = maker.make(template)
                    second, more = maker.make(maker.pick(templates))
                    shift = len(text) + 1
                    text, spans = text + maker.pick([" ", "\n"]) + second, spans + [[a + shift, b + shift, c] for a, b, c in more]
                else:
                    text, spans = maker.make(template)
                write(text, spans, "made" if number < 4 else "ordinary", f"made-{number}-{index % len(templates)}")
        for text in json.load(open(f"{data}/pii/generated_large.json", encoding="utf-8")):
            spans = [[s["start_position"], s["end_position"], LABELS[s["entity_type"]]] for s in text["spans"] if s["entity_type"] in LABELS]
            write(text["full_text"], spans, "pii", f"pii-{text['template_id']}")
        for name in ("answerable", "unanswerable"):
            for index, line in enumerate(open(f"{data}/clapnq/{name}.jsonl", encoding="utf-8")):
                # Every other question is kept for the figures.
                if index % 2 == 0:
                    question = json.loads(line)
                    write(question.get("question") or question.get("input"), [], "ordinary", f"clapnq-{index}")
        for text in prose(data, maker):
            write(text, [], "prose", "prose-" + text[:12])


def prose(data, maker):
    """Sentences in which nobody's own data stands: abstracts, encyclopaedia, documentation of the
    standard library of Python. What they name is common knowledge."""
    sentences = []
    for line in open(f"{data}/scifact/corpus.jsonl", encoding="utf-8"):
        entry = json.loads(line)
        sentences += [entry["title"]] + re.split(r"(?<=[.!?]) ", entry["text"])[:2]
    for name in ("answerable", "unanswerable"):
        for line in open(f"{data}/clapnq/{name}.jsonl", encoding="utf-8"):
            for passage in json.loads(line)["passages"]:
                sentences += [re.sub(r" ([.,;:?!)])", r"\1", part) for part in re.split(r"(?<=[.!?]) ", passage["text"])[:3]]
    for module in sorted(sys.stdlib_module_names):
        if module.startswith("_") or module in ("antigravity", "this", "idlelib", "tkinter"):
            continue
        try:
            loaded = __import__(module)
        except Exception:  # noqa: BLE001: not on this machine
            continue
        for member in vars(loaded).values():
            documented = getattr(member, "__doc__", None)
            if isinstance(documented, str):
                sentences += [" ".join(part.split()) for part in documented.split("\n\n")[:2]]
    sentences = sorted({part for part in sentences if 15 < len(part) < 400})
    maker.random.shuffle(sentences)
    return sentences[:14_000]


def unfold(part):
    """A line end between two finished sentences divides templates; one inside a block does not."""
    lines = part.split("\n")
    blocks, current = [], lines[0]
    for line in lines[1:]:
        ends = current.rstrip().endswith((".", "!", "?", "\"", "please.", ";")) and not current.startswith((">", "?", "-", "{"))
        if ends and not line.startswith((">", "??? ", "\n")):
            blocks.append(current)
            current = line
        else:
            current += "\n" + line
    return blocks + [current]


if __name__ == "__main__":
    main(*sys.argv[1:])
