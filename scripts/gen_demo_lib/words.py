"""Vocabulary of the demo: places, invented word parts, trades, people, remarks."""

PROVINCES = [  # name, share, towns, area codes
    ("Gauteng", 40, ["Johannesburg", "Pretoria", "Midrand", "Centurion", "Germiston", "Springs"], ["010", "011", "012"]),
    ("Western Cape", 20, ["Cape Town", "George", "Stellenbosch", "Worcester"], ["021", "023", "044"]),
    ("KwaZulu-Natal", 10, ["Durban", "Pietermaritzburg", "Margate", "Richards Bay"], ["031", "033", "035"]),
    ("Eastern Cape", 8, ["Gqeberha", "East London", "Mthatha"], ["041", "043", "047"]),
    ("Mpumalanga", 6, ["Mbombela", "Secunda", "Ermelo"], ["013", "017"]),
    ("North West", 5, ["Rustenburg", "Klerksdorp", "Brits"], ["014", "018"]),
    ("Free State", 5, ["Bloemfontein", "Welkom", "Bethlehem"], ["051", "057", "058"]),
    ("Limpopo", 4, ["Polokwane", "Tzaneen"], ["015"]),
    ("Northern Cape", 2, ["Kimberley", "Upington"], ["053", "054"]),
]
PROVINCE_DRAW = [p for p in PROVINCES for _ in range(p[1])]
MOBILE = ["060", "061", "063", "065", "067", "071", "072", "073", "074", "076", "078", "079", "081", "082", "083", "084"]
FREEMAIL = ["gmail.com", "gmail.com", "gmail.com", "yahoo.com", "outlook.com", "webmail.co.za", "mweb.co.za", "telkomsa.net"]
ONSET = "Bal Bre Cal Dor Dun Fal Gar Hel Ind Jor Kal Kel Kor Lan Lum Mal Mer Mol Nal Nor Oma Pal Pen Quin Ras Rin Sel Sor Tam Tel Tor Uma Val Vel Ver Wen Wil Yar Zan Zor".split()
MIDDLE = "a e i o u ado ani ebo emi ilo imo oka ora uma une are ivo eki olu".split()
CODA = "ra mora dale wick stone nga lwa berg veld kop dor ton ville na sha zeni thi bri field crest haven mere lo wane".split()
TYPES = {
    "school": ["Flight Academy", "Flying School", "Aviation", "Flight Training", "Aero Club", "Aviation Training Centre",
               "Helicopter School", "Air Academy", "Flying Club", "Pilot Training"],
    "charter": ["Air Charter", "Air Services", "Helicopters", "Air Cargo", "Airways"],
    "amo": ["Aircraft Maintenance", "Aero Engineering", "Avionics", "Propeller Works"],
    "motorsport": ["Motorsport", "Racing", "Kart Club", "Race Engineering", "Rally Team"],
    "broker": ["Insurance Brokers", "Underwriting Managers", "Risk Brokers"],
}
CATEGORY = {"school": "Flight School", "charter": "Unspecified", "amo": "AMO", "motorsport": "Motorsport", "broker": "Brokers"}
REACH_TYPE = {"school": "Flight School", "charter": "Charter Operator", "amo": "Maintenance Organisation",
              "motorsport": "Motorsport", "broker": "Broker"}
SUFFIXES = ["(Pty) Ltd", "(Pty) Ltd", "(Pty) Ltd", "CC", "NPC"]
SUFFIX_FORMS = ["(Pty) Ltd", "(PTY) LTD", "(Pty) Ltd.", "Pty Ltd", "CC", "cc", "NPC"]
LEGAL_WORDS = {"pty", "ltd", "cc", "npc", "limited", "proprietary"}
FIRST = """Thabo Lerato Sipho Nomsa Pieter Annelize Willem Fatima Yusuf Priya Zanele Bongani Kagiso Naledi Themba Lindiwe
Ayanda Refilwe Palesa Hendrik Marlene Riaan Susan David Sarah James Karen Aisha Suresh Kavitha Mpho Katlego Dineo Xolani
Zinhle Thandeka Jacques Hanneke Liezel Craig Tracy Megan Ryan Grant Ashwin Ebrahim Tasneem Mbali René Zoë""".split()
LAST = """Nkosi Dlamini Khumalo Mokoena Botha van_der_Merwe Pretorius Naidoo Pillay Govender Mthembu Ndlovu Sithole Molefe
Mabaso Radebe Jacobs Adams Petersen Fourie Venter Coetzee du_Plessis Steyn Swart van_Wyk Potgieter Joubert Louw Marais
Snyman Cloete Visser Lombard Patel Reddy Moodley Hendricks Isaacs Daniels Mkhize Cele Shabalala Hadebe Ntuli Phiri
Baloyi Chauke Modise O'Reilly Müller Brüggemann""".split()
LAST = [name.replace("_", " ") for name in LAST]
ROLES = ["Chief Flying Instructor", "Head of Training", "Owner", "Director", "Operations Manager", "Office Manager",
         "Accountable Manager", "Safety Officer", "Reception", "CEO"]
STREETS = ["Acacia", "Kiepersol", "Protea", "Hangar", "Windsock", "Taxiway", "Marula", "Runway", "Karee", "Olive"]
FLEET = ["C150", "C172", "C182", "PA28", "PA34", "DA40", "DA42", "R22", "R44", "Sling 2", "Bathawk", "Cessna 208"]
RATINGS = ["PPL (A)", "CPL (A)", "PPL (H)", "Instrument Rating", "Flight Instructor", "Night Rating", "RPL"]
PROSE = ["Trains private and commercial pilots on a small fleet.", "Family business, prefers a call before a visit.",
         "Runs an annual open day in spring.", "Offers ground school in the evenings.", "Simulator on site & hangar space to let."]
FORMULA_LIKE = ["=2+5 aircraft on strength", "+ follow up in November", "-call back after lunch", "@reception knows more"]
