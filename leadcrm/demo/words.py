"""What the demo's people and companies are called. All invented; every domain is under .example."""

from __future__ import annotations

NAMES: tuple[tuple[str, str], ...] = (
    ("Nina Lena Jonas Felix Anke Birgit Matthias Katrin", "Lind Brandt Vogel Krüger Seidel Hartmann Albrecht Thoma"),
    ("Amara Chinedu Ngozi Tunde Ifeoma Kwame Abena Sefu", "Okafor Adeyemi Mensah Nwosu Boateng Mwangi Eze Diallo"),
    ("Priya Arjun Kavya Rohan Meera Vikram Anjali Sanjay", "Iyer Banerjee Reddy Kulkarni Chawla Nair Desai Menon"),
    ("Mei Wei Jun Lihua Xiu Hao Yan Bo", "Chen Zhang Lin Zhao Huang Wu Zhou Xu"),
    ("Yuki Haruto Sakura Kenji Aiko Daichi Naomi Sora", "Tanaka Mori Ishikawa Kobayashi Endo Fujita Hayashi Ono"),
    ("Omar Layla Karim Yasmin Tariq Samira Nadia Hassan", "Haddad Mansour Khoury Saleh Farouk Aziz Nasser Rahman"),
    (
        "Camila Mateo Lucía Diego Valentina Andrés Paula Joaquín",
        "Rojas Herrera Salazar Fuentes Paredes Molina Vega Ibarra",
    ),
    (
        "João Beatriz Tiago Inês Rafael Larissa Caio Marina",
        "Teixeira Carvalho Figueiredo Moraes Barros Pinto Leite Prado",
    ),
    ("Zofia Piotr Agnieszka Tomasz Ewa Krzysztof Hanna Marek", "Zielińska Nowicki Wrona Sikora Baran Lis Kubiak Jasik"),
    (
        "Ingrid Lars Sigrid Anders Freja Mikkel Eero Aino",
        "Dahlgren Solberg Nygaard Ekström Lehtonen Virtala Strand Holm",
    ),
    (
        "Chloé Mathieu Élodie Hugo Manon Julien Camille Théo",
        "Lefort Marchand Renaud Gauthier Perrin Blanchet Roche Colin",
    ),
    ("Giulia Marco Chiara Davide Elena Matteo Sofia Luca", "Ferri Galli Moretti Bassani Conti Fontana Leone Riva"),
    ("Emily Jack Grace Oliver Maya Ethan Chloe Samuel", "Hartley Whitmore Pryce Langford Ashby Fenwick Carver Doyle"),
    ("Ayşe Mehmet Elif Emre Zeynep Burak Derya Can", "Yıldız Kaya Demirel Aslan Şahin Koçak Aydın Tekin"),
)
"""First and last names of one culture a line."""

COINED = """Arvendal Brookmere Calduna Dorvik Elmspar Fjordane Grenwick Halmora Istvale Jorvane Kelstrand Lomaris
Marvenna Nordhave Ostrevan Pelmont Quenby Rothmere Salvora Tarnholm Umbrel Vintrask Westerlaw Yarrowby Zellmark Aldmoor
Bergwin Corvane Drumlow Eastmarch Falkner Gildern
Hexwell Inverloch Junaro Kastell Lindmar Morwen Nievola Ondrelle""".split()  # noqa: SIM905
KINDS = """Freight|Logistics|Cold Store|Haulage|Foods|Pharma Transport|Parcels|Catering|Building Supplies|Dairy|Fleet
Services|Distribution|Waste|Moving""".replace("\n", " ").split("|")
INDUSTRY = {
    "Freight": "Transport",
    "Logistics": "Transport",
    "Cold Store": "Cold storage",
    "Haulage": "Transport",
    "Foods": "Food",
    "Pharma Transport": "Pharma",
    "Parcels": "Transport",
    "Catering": "Food",
    "Building Supplies": "Construction",
    "Dairy": "Food",
    "Fleet Services": "Transport",
    "Distribution": "Wholesale",
    "Waste": "Waste",
    "Moving": "Transport",
}
PLACES = """Hamburg,Germany|Leipzig,Germany|Vienna,Austria|Zürich,Switzerland|Rotterdam,Netherlands|Ghent,Belgium
Lyon,France|Nantes,France|Turin,Italy|Valencia,Spain|Porto,Portugal|Gdańsk,Poland|Brno,Czechia|Aarhus,Denmark|Göteborg,Sweden
Bergen,Norway|Tampere,Finland|Leeds,United Kingdom|Cork,Ireland|İzmir,Türkiye|Casablanca,Morocco|Lagos,Nigeria
Pune,India|Osaka,Japan|Monterrey,Mexico|Curitiba,Brazil|Ohio,United States|Calgary,Canada""".replace("\n", "|").split(
    "|"
)
TITLES = (
    ("Head of logistics", "decision_maker"),
    ("Director of operations", "decision_maker"),
    ("Managing director", "decision_maker"),
    ("Fleet manager", "champion"),
    ("Transport planner", "user"),
    ("Dispatcher", "user"),
    ("Buyer", "gatekeeper"),
    ("IT manager", "influencer"),
    ("Quality manager", "influencer"),
    ("Controller", "influencer"),
    ("Student", "other"),
    ("Assistant", "gatekeeper"),
)
PATHS = (
    "/",
    "/products/route-planning/",
    "/products/fleet-tracking/",
    "/products/cold-chain/",
    "/customers/",
    "/integrations/",
    "/blog/empty-miles/",
    "/about/",
)
MAILS = (
    "Empty miles: what they cost",
    "Three depots, one plan",
    "New: tours on the driver's phone",
    "What our customers save",
)
RETURN_REASONS = (
    ("Not ready yet", "Only wants to compare prices"),
    ("No budget", "Next year"),
    ("Could not be reached", "Called four times"),
)
"""Entries of the list of reasons, and a note."""
LOST_REASONS = (
    "Bought elsewhere",
    "Too small for us",
    "No fleet of their own",
    "Wrong number, mail bounces",
    "Is a student",
)
WON_REASONS = ("Pilot agreed", "Offer asked for", "Budget confirmed, project this year")
