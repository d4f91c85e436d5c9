"""Who is who in the demonstration: a small facility-services company and its customers."""

from typing import NamedTuple


class Customer(NamedTuple):
    """A customer of the demonstration.

    ``pays`` is the number of days after the due date at which an invoice is paid; None: not at
    all, so far. ``amount`` is the net amount of its ordinary invoices in its own currency.
    """

    name: str
    city: str
    country: str
    lang: str
    currency: str
    contact: str
    pays: int | None
    amount: float
    email: bool = True


CUSTOMERS = (
    Customer("Atelier Bois & Fils", "Namur", "be", "fr_FR", "EUR", "Lucie Gérard", -2, 640.0),
    Customer("Aurora Dental Practice", "Dublin", "ie", "en_US", "EUR", "Sean Walsh", 0, 410.0),
    Customer("Banque du Parc", "Luxembourg", "lu", "fr_FR", "EUR", "Marc Thill", -5, 2350.0),
    Customer("Baxter & Reed LLP", "New York", "us", "en_US", "USD", "Grace Reed", 2, 1980.0),
    Customer("Blue Harbor Logistics", "Boston", "us", "en_US", "USD", "Owen Clark", 9, 1450.0),
    Customer("Boulangerie Lambert", "Liège", "be", "fr_FR", "EUR", "Paul Lambert", 6, 180.0),
    Customer("Cabinet Moreau", "Lille", "fr", "fr_FR", "EUR", "Anne Moreau", 1, 520.0),
    Customer("Cedar Hill Academy", "Cork", "ie", "en_US", "EUR", "Nora Byrne", 17, 890.0),
    Customer("Centre Équestre du Lac", "Annecy", "fr", "fr_FR", "EUR", "Zoé Blanc", 33, 340.0),
    Customer("Clinique Sainte-Anne", "Bruxelles", "be", "fr_FR", "EUR", "Hugo Maes", 12, 3100.0),
    Customer("Copper Kettle Cafés", "Galway", "ie", "en_US", "EUR", "Tara Doyle", None, 260.0),
    Customer("Delmotte Immobilier", "Mons", "be", "fr_FR", "EUR", "Éric Delmotte", -1, 1275.0),
    Customer("Domaine des Tilleuls", "Dijon", "fr", "fr_FR", "EUR", "Rose Petit", 4, 760.0),
    Customer("Eastgate Fitness", "Leeds", "gb", "en_US", "EUR", "Amy Shaw", None, 430.0),
    Customer("Espace Coworking Sud", "Marseille", "fr", "fr_FR", "EUR", "Karim Saïd", 7, 690.0),
    Customer("Fairview Property Trust", "Chicago", "us", "en_US", "USD", "Dan Ortiz", 21, 2640.0),
    Customer("Fonderie Wallonne", "Charleroi", "be", "fr_FR", "EUR", "Jean Piron", None, 1820.0),
    Customer("Greenleaf Organics", "Bristol", "gb", "en_US", "EUR", "Ivy Cole", 0, 375.0),
    Customer("Hôtel Bellevue", "Nice", "fr", "fr_FR", "EUR", "Claire Roux", 14, 1540.0),
    Customer("Imprimerie Centrale", "Metz", "fr", "fr_FR", "EUR", "Luc Weber", 3, 480.0),
    Customer("Kingsway Motors", "Belfast", "gb", "en_US", "EUR", "Ross Kerr", 38, 990.0),
    Customer("Lakeside Veterinary", "Denver", "us", "en_US", "USD", "Mia Stone", 5, 310.0),
    Customer("Lycée Victor Horta", "Bruxelles", "be", "fr_FR", "EUR", "Sara Claes", 26, 2080.0),
    Customer("Maison Fontaine", "Reims", "fr", "fr_FR", "EUR", "Ève Fontaine", -3, 220.0),
    Customer("North Pier Galleries", "Brighton", "gb", "en_US", "EUR", "Leo Marsh", None, 560.0),
    Customer("Oak & Iron Studio", "Austin", "us", "en_US", "USD", "Kim Hale", 11, 840.0),
    Customer("Pharmacie du Marché", "Tournai", "be", "fr_FR", "EUR", "Inès Colin", 0, 150.0),
    Customer("Quay Street Solicitors", "Dublin", "ie", "en_US", "EUR", "Fiona Kelly", 2, 1110.0),
    Customer("Résidence Les Pins", "Lyon", "fr", "fr_FR", "EUR", "Guy Perrin", None, 930.0, False),
    Customer("Silverline Events", "Manchester", "gb", "en_US", "EUR", "Jack Ford", 8, 1330.0),
    Customer("Théâtre de la Gare", "Nancy", "fr", "fr_FR", "EUR", "Léa Simon", 19, 610.0),
    Customer("Willow Court Care", "Seattle", "us", "en_US", "USD", "Ruth Lane", None, 1720.0),
)
DISPUTED = "Fonderie Wallonne"
NEVER_REMINDED = "Banque du Parc"
OWN_PROGRAM = "Lycée Victor Horta"

# (net amount's share of the customer's usual one, days before today on which it is invoiced);
# due 30 days later. The oldest are 90 days late today.
INVOICES = ((1.0, 120), (0.8, 97), (1.1, 66), (0.9, 38), (1.0, 12))
