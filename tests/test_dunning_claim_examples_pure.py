"""Published worked examples, equal to the cent.

Each test has the figures of one published example, its address, and the result as printed there;
its name says country and number. Where a source says only how many days, they are counted from
1 January 2026, in a year of 365. "The day after" a date: the source does not count that date.

Other published examples are left out, or come last, since they differ from what is computed here:
GOV.UK (UK-1) and Paidnice (UK-2) round the amount of one day to the penny, then take it times days.
Techcentral (IE-1) rounds the percent of one day first, and the first model in the forum of RO-1
divides a twelfth of the year's percent by the days of each month (RO-2).
Jobaround (FR-4, FR-5) and the second model in that forum (RO-1) cut off what is below the cent:
their figures are those of a rule that cuts off.
Gera (UK-10) and Barymont (ES-3) print whole pounds and euros only.
Toolfy (UK-3), HeroPay's page on the rate (FR-3) and Emprendepyme (ES-1) are a cent or more off,
whichever way one counts and rounds.
The long example and the part payment of ameax/bgb-interest (DE-5, DE-6) lose a day at each change;
an inquiry in a Romanian forum (RO-3) has the interest of one day more than the 168 it states.
A task in a forum for pupils (DE-9) asks for the rate; rounded, it does not lead back to the cent.
Dutch costs of collection (NL-2, NL-3) follow a scale of percentages, which no claim here does.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_claim_examples_pure.py``.
"""

import sys
import unittest
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import claim as dunning_claim
    from odoo.addons.account_recurrence_dunning.tools.dunning import rate as dunning_rate
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import claim as dunning_claim
    from tools.dunning import rate as dunning_rate

Debt, ChargeRule, RateTable = dunning_claim.Debt, dunning_claim.ChargeRule, dunning_rate.RateTable
compute_claim, get_fixed_sum = dunning_claim.compute_claim, dunning_claim.get_fixed_sum
DAY = timedelta(days=1)
POUNDS = [(Decimal(start), Decimal(due)) for start, due in ((0, 40), (1000, 70), (10000, 100))]


def claim_between(amount, percent, first, last, fixed_sum="0", paid=(), **rule):
    """Claim at one rate for the days from ``first`` to ``last``, both counted."""
    settlements = tuple(dunning_claim.Settlement(day, Decimal(part)) for day, part in paid)
    debt = Debt(Decimal(amount), first, settlements, Decimal(fixed_sum))
    return compute_claim(debt, last, ChargeRule(RateTable(fixed=Decimal(percent)), **rule))


def claim_for(days, amount, percent, fixed_sum="0"):
    """Claim for a number of days, each 1/365 of a year."""
    first = date(2026, 1, 1)
    return claim_between(amount, percent, first, first + (days - 1) * DAY, fixed_sum)


def interest_for(days, amount, percent):
    return claim_for(days, amount, percent).interest


def half_years(first, *percents):
    """A reference rate for each half-year in turn, from the one that begins on a day."""
    reference = {}
    for percent in percents:
        reference[first] = Decimal(percent)
        first = dunning_rate.get_next_half_year(first)
    return reference


def describe_lines(debt, ends, rule):
    """Interest of each span of days as a claim of its own, as a source prints line by line."""
    found = []
    for end in ends:
        found.append(str(compute_claim(debt, end, rule).interest))
        debt = debt._replace(first_day=end + DAY)
    return found


def describe_parts(claim):
    return [f"{part.start:%d/%m} to {part.end:%d/%m} {part.base}" for part in claim.parts]


class TestDaysOf365(BaseCase):
    """A number of days, each 1/365 of the year."""

    def test_m2_de_2_consumer(self):
        # https://anleiter.de/wie-berechnet-man-verzugszinsen/
        self.assertEqual(interest_for(25, "1000", "5.12"), Decimal("3.51"))

    def test_m2_de_7a_half_a_year_for_a_consumer(self):
        # https://github.com/ameax/bgb-interest, tests/Unit/BgbInterestTest.php: the day after
        # 1 January to 1 July 2023, 181 days
        claim = claim_between("10000", "6.62", date(2023, 1, 2), date(2023, 7, 1))
        self.assertEqual(claim.interest, Decimal("328.28"))

    def test_m2_de_7b_half_a_year_for_a_business(self):
        # as DE-7a
        claim = claim_between("10000", "10.62", date(2023, 1, 2), date(2023, 7, 1))
        self.assertEqual(claim.interest, Decimal("526.64"))

    def test_m2_de_8_tenant(self):
        # https://7788ok.com/5wVBBWjw.html
        interest = interest_for(30, "670", "4.12")
        self.assertEqual((interest, 670 + interest), (Decimal("2.27"), Decimal("672.27")))

    def test_m2_uk_4_thirty_days(self):
        # https://freelancetoolkituk.co.uk/late-payment-interest-calculator
        self.assertEqual(interest_for(30, "2500", "12.5"), Decimal("25.68"))

    def test_m2_uk_7_daily_amount_is_not_rounded(self):
        # https://www.landolio.com/tools/late-payment-interest-calculator.html: 0.97 a day is shown,
        # but 60 times that would be 58.20
        self.assertEqual(interest_for(60, "3000", "11.75"), Decimal("57.95"))

    def test_m2_uk_9a_thirty_days(self):
        # https://invoify-web.pages.dev/blog/how-to-calculate-late-payment-interest-uk/_payload.json
        self.assertEqual(interest_for(30, "1000", "12.5"), Decimal("10.27"))

    def test_m2_uk_9b_ninety_days(self):
        # as UK-9a; 90 times 0.34 would be 30.60
        self.assertEqual(interest_for(90, "1000", "12.5"), Decimal("30.82"))

    def test_m2_fr_1_rate_of_a_contract(self):
        # https://lesjooristes.fr/post/comment-calculer-les-pénalités-de-retard
        self.assertEqual(interest_for(30, "5000", "10"), Decimal("41.10"))

    def test_m2_fr_2_ten_points_above_the_central_bank(self):
        # https://www.heropay.eu/blog/comment-facturer-penalites
        self.assertEqual(interest_for(30, "1000", "14.5"), Decimal("11.92"))

    def test_m2_it_2_eight_points_above_the_central_bank(self):
        # https://knowunity.it/knows/
        # economia-il-calcolo-dellinteresse-169540eb-164b-4841-8ee6-dcf50fe9b223
        self.assertEqual(interest_for(22, "8200", "8.05"), Decimal("39.79"))

    def test_m2_it_3_first_and_last_day_counted(self):
        # https://astat.provinz.bz.it/it/spiegazioni-esempi-interessi-legali.asp: 83 days
        claim = claim_between("1000", "2.5", date(2007, 6, 11), date(2007, 9, 1))
        self.assertEqual((claim.parts[0].days, claim.interest), (83, Decimal("5.68")))

    def test_m2_es_4_thirty_days(self):
        # https://www.covline.es/calcular-intereses-demora/
        self.assertEqual(interest_for(30, "2300", "5"), Decimal("9.45"))

    def test_m2_nl_1_eleven_days(self):
        # https://go-figure.nl/tag/rente/
        self.assertEqual(interest_for(11, "1000", "8"), Decimal("2.41"))

    def test_m2_at_2a_whole_year(self):
        # https://solidbau.at/wissen-service/verzugszinsen-ein-nicht-zu-unterschaetzender-faktor:
        # 1.88 + 9.2 %
        self.assertEqual(interest_for(365, "100000", "11.08"), Decimal("11080.00"))

    def test_m2_at_2b_whole_year_with_a_base_below_zero(self):
        # as AT-2a: -0.62 + 9.2 %; it also prints the difference
        table = RateTable(half_years(date(2026, 1, 1), "-0.62", "-0.62"), margin=Decimal("9.2"))
        debt = Debt(Decimal(100000), date(2026, 1, 1))
        interest = compute_claim(debt, date(2026, 12, 31), ChargeRule(table)).interest
        self.assertEqual(interest, Decimal("8580.00"))
        self.assertEqual(interest_for(365, "100000", "11.08") - interest, Decimal("2500.00"))

    def test_m2_pl_1_thirty_days(self):
        # https://www.terminovo.pl/en/tools/statutory-interest-calculator/
        self.assertEqual(interest_for(30, "10000", "15.75"), Decimal("129.45"))

    def test_m2_ro_4_percent_a_day(self):
        # https://www.ovada.net/what-is-the-interest-of-the-penalty-and-what-consequences-has/
        self.assertEqual(interest_for(30, "5000", Decimal("0.05") * 365), Decimal("75.00"))


class TestOtherYears(BaseCase):
    """Years of 360 days, with months of 30 days or of those of the calendar."""

    def test_m2_de_1_months_of_thirty_days(self):
        # https://p-konto.de/wiki/zinsformel/: 210 days
        claim = claim_between("10000", "6", date(2016, 1, 1), date(2016, 7, 30), day_count="30_360")
        self.assertEqual((claim.parts[0].days, claim.interest), (210, Decimal("350.00")))

    def test_m2_de_3_program_of_a_law_office(self):
        # https://kosmologelei.wordpress.com/tag/mathematik/: the author counts 49 days and objects
        # to this figure; it is that of a year of 360 days, by 365 it is 1.96
        days = (date(2018, 4, 30), date(2018, 6, 17))
        claim = claim_between("354.16", "4.12", *days, day_count="360")
        self.assertEqual((claim.parts[0].days, claim.interest), (49, Decimal("1.99")))

    def test_m2_at_1_months_of_thirty_days(self):
        # https://oebv.at/flippingbook/9783209081179/193: the day after 10 March to 20 April,
        # 40 days, no year given
        days = (date(2026, 3, 11), date(2026, 4, 20))
        claim = claim_between("10000", "10", *days, day_count="30_360")
        self.assertEqual((claim.parts[0].days, claim.interest), (40, Decimal("111.11")))

    def test_m2_ch_1_month_and_year(self):
        # https://www.konsumentenschutz.ch/wie-wird-der-verzugszins-berechnet/: no dates given
        for last, printed in ((date(2026, 1, 31), "2.50"), (date(2026, 12, 31), "30.00")):
            claim = claim_between("600", "5", date(2026, 1, 1), last, day_count="30_360")
            self.assertEqual(claim.interest, Decimal(printed))


class TestLeapYear(BaseCase):
    """https://github.com/durchblick-nl/verzugszinsrechner, test.js.

    The days of a leap year are 1/366 each; the first day is counted, the day of the end is not.
    """

    def check(self, amount, percent, start, end, days, printed):
        claim = claim_between(amount, percent, start, end - DAY, day_count="actual")
        self.assertEqual((claim.parts[0].days, claim.interest), (days, Decimal(printed)))

    def test_m2_ch_2a_thirty_days(self):
        self.check("10000", "5", date(2024, 1, 1), date(2024, 1, 31), 30, "40.98")

    def test_m2_ch_2b_over_29_february(self):
        self.check("5000", "5", date(2024, 1, 1), date(2024, 4, 1), 91, "62.16")

    def test_m2_ch_2c_eight_percent(self):
        self.check("10000", "8", date(2024, 1, 1), date(2024, 1, 31), 30, "65.57")

    def test_m2_ch_2d_half_a_year(self):
        self.check("20000", "3.5", date(2024, 1, 1), date(2024, 7, 1), 182, "348.09")

    def test_m2_ch_2e_after_29_february(self):
        self.check("15000", "5", date(2024, 3, 1), date(2024, 4, 15), 45, "92.21")

    def test_m2_ch_2f_whole_leap_year(self):
        self.check("10000", "5", date(2024, 1, 1), date(2025, 1, 1), 366, "500.00")

    def test_m2_ch_2g_one_day(self):
        self.check("10000", "5", date(2024, 1, 1), date(2024, 1, 2), 1, "1.37")

    def test_m2_ch_2h_two_years_before_it(self):
        self.check("50000", "5", date(2022, 1, 1), date(2024, 1, 1), 730, "5000.00")


class TestChangesOfRate(BaseCase):
    """The rate changes with half-years: each line that is printed, then the total."""

    def test_m2_de_4_base_rate_and_a_leap_year(self):
        # https://github.com/digineo/verzugszinsen, README.md: base rate + 8, first day counted;
        # its lines have four decimals, its total is rounded once
        reference = half_years(date(2009, 7, 1), "0.12", "0.12", "0.12", "0.12", "0.37", "0.12")
        table = RateTable(reference, margin=Decimal(8))
        debt, last = Debt(Decimal(1500), date(2009, 9, 15)), date(2012, 2, 17)
        ends = [date(2009, 12, 31), date(2010, 6, 30), date(2010, 12, 31)]
        ends += [date(2011, 6, 30), date(2011, 12, 31), last]
        lines = describe_lines(debt, ends, ChargeRule(table, "actual", unit=Decimal("0.0001")))
        printed = ["36.0395", "60.3995", "61.4005", "60.3995", "63.2910", "15.9738"]
        self.assertEqual(lines, printed)
        claim = compute_claim(debt, last, ChargeRule(table, "actual"))
        sums = (claim.interest, 1500 + claim.total)
        self.assertEqual(sums, (Decimal("297.50"), Decimal("1797.50")))

    def test_m2_it_1_central_bank_and_five_half_years(self):
        # http://www.pavonecostruzioni.it/joomla/index.php/news/
        # 108-esempio-calcolo-interesse-mora.html: 8.00 and 8.25 %, which is 7 points above the
        # central bank; the day after 1 January 2010 to 1 January 2012
        reference = half_years(date(2010, 1, 1), "1.00", "1.00", "1.00", "1.25", "1.00")
        rule = ChargeRule(RateTable(reference, margin=Decimal(7)))
        debt, last = Debt(Decimal(1000), date(2010, 1, 2)), date(2012, 1, 1)
        ends = [date(2010, 6, 30), date(2010, 12, 31), date(2011, 6, 30), date(2011, 12, 31)]
        lines = describe_lines(debt, [*ends, last], rule)
        self.assertEqual(lines, ["39.45", "40.33", "39.67", "41.59", "0.22"])
        claim = compute_claim(debt, last, rule)
        self.assertEqual(sum(part.days for part in claim.parts), 730)
        self.assertEqual(claim.interest, Decimal("161.26"))

    def test_m2_it_4_legal_rate_and_a_leap_year(self):
        # https://astat.provinz.bz.it/it/spiegazioni-esempi-interessi-legali.asp: 1 January changes
        # the legal rate; the day after 10 June 1998 to 1 September 2003
        percents = ("5", "5", "2.5", "2.5", "2.5", "2.5", "3.5", "3.5", "3", "3", "3", "3")
        rule = ChargeRule(RateTable(half_years(date(1998, 1, 1), *percents)), "actual")
        debt, last = Debt(Decimal(1000), date(1998, 6, 11)), date(2003, 9, 1)
        ends = [date(1998, 12, 31), date(1999, 12, 31), date(2000, 12, 31), date(2001, 12, 31)]
        lines = describe_lines(debt, [*ends, last], rule)
        self.assertEqual(lines, ["27.95", "25.00", "25.00", "35.00", "50.05"])
        claim = compute_claim(debt, last, rule)
        self.assertEqual([part.days for part in claim.parts], [204, 365 + 366, 365, 609])
        self.assertEqual(claim.interest, Decimal("163.00"))


class TestFixedSums(BaseCase):
    """Interest, and a fixed sum with it."""

    def check_pounds(self, days, amount, percent, interest, fixed_sum, total):
        tier = get_fixed_sum(POUNDS, Decimal(amount))
        claim = claim_for(days, amount, percent, tier)
        sums = (claim.interest, claim.fixed_sum, Decimal(amount) + claim.total)
        self.assertEqual(sums, (Decimal(interest), Decimal(fixed_sum), Decimal(total)))

    def test_m2_uk_5_forty_pounds(self):
        # https://freelancetoolkituk.co.uk/late-payment-interest-calculator
        self.check_pounds(14, "500", "12.5", "2.40", "40", "542.40")

    def test_m2_uk_6_seventy_pounds(self):
        # as UK-5
        self.check_pounds(45, "5000", "12.5", "77.05", "70", "5147.05")

    def test_m2_uk_8_seventy_pounds(self):
        # https://freelancertoolkit.co.uk/tools/late-payment-calculator
        self.check_pounds(30, "1500", "11.75", "14.49", "70", "1584.49")

    def test_m2_uk_10_hundred_pounds(self):
        # https://tools.gera.services/late-payment-interest-calculator: the fixed sum alone, for
        # interest and total are printed without pence
        self.assertEqual(get_fixed_sum(POUNDS, Decimal(12000)), Decimal(100))

    def test_m2_eu_1_forty_euros(self):
        # https://fiscavo.com/blog/late-payment-interest-eu-uk
        claim = claim_for(30, "4500", "11", "40")
        self.assertEqual((claim.interest, claim.total), (Decimal("40.68"), Decimal("80.68")))

    def test_m2_es_2_commission_of_a_contract(self):
        # https://www.economiasimple.net/glosario/interes-de-demora
        claim = claim_for(15, "700", "7", "25")
        self.assertEqual((claim.interest, claim.total), (Decimal("2.01"), Decimal("27.01")))


class TestPayments(BaseCase):
    """The first and the last day of interest, and what a payment leaves."""

    def test_m2_de_d1_day_after_due_to_day_of_payment(self):
        # https://www.wirtschaftswissen.de/finanzen-steuern/rechnungsstellung/
        # verzugszinsen-berechnen-bei-einer-ausstehenden-forderung-wie-geht-das/: due on 1 July
        paid = [(date(2021, 7, 5), "1000")]
        claim = claim_between("1000", "9", date(2021, 7, 2), date(2021, 7, 31), paid=paid)
        self.assertEqual(describe_parts(claim), ["02/07 to 05/07 1000"])
        self.assertEqual(claim.parts[0].days, 4)

    def test_m2_uk_d1_day_after_due_to_day_of_payment(self):
        # https://paymentcheck.co.uk/blog/interest-and-fees/
        # how-to-calculate-interest-on-overdue-invoices: due on 1 April, paid on 16 May, no year
        paid = [(date(2026, 5, 16), "1000")]
        claim = claim_between("1000", "12", date(2026, 4, 2), date(2026, 6, 30), paid=paid)
        self.assertEqual(describe_parts(claim), ["02/04 to 16/05 1000"])

    def test_m2_ch_d1_and_d2_days_between_payments(self):
        # https://law.ch/lawinfo/verzugszins/berechnungen/berechnung-verzugszinstage: the day after
        # 1 January, no year; 19 days to 20 January, then 10 to 30 January on the rest
        paid = [(date(2026, 1, 20), "400"), (date(2026, 1, 30), "600")]
        claim = claim_between("1000", "5", date(2026, 1, 2), date(2026, 2, 28), paid=paid)
        self.assertEqual([(part.days, part.base) for part in claim.parts], [(19, 1000), (10, 600)])

    def test_m2_ch_d3_day_of_payment_is_on_the_old_amount(self):
        # https://law.ch/lawinfo/verzugszins/ende-des-zinsenlaufs: no year
        paid = [(date(2026, 3, 1), "500"), (date(2026, 5, 1), "200")]
        claim = claim_between("1000", "5", date(2026, 1, 1), date(2026, 5, 31), paid=paid)
        printed = ["01/01 to 01/03 1000", "02/03 to 01/05 500", "02/05 to 31/05 300"]
        self.assertEqual(describe_parts(claim), printed)

    def test_m2_fr_6_interest_before_principal(self):
        # https://cours-de-droit.net/imputation-paiements/: 20,000 with 3,000 of interest, for which
        # a year at 15 % is taken here; of the 18,000 paid 15,000 are principal
        first, last = date(2026, 1, 1), date(2026, 12, 31)
        paid = [(last, "18000")]
        claim = claim_between("20000", "15", first, last + DAY, paid=paid, set_off="interest")
        self.assertEqual((claim.parts[0].amount, claim.parts[1].base), (3000, 5000))


class TestOtherRoundings(BaseCase):
    """Figures that differ from ours by the way they are rounded."""

    def test_m2_uk_1_gov_uk_rounds_the_daily_amount_first(self):
        # https://www.gov.uk/late-commercial-payments-interest-debt-recovery: 11.50
        self.assertEqual(interest_for(50, "1000", "8.5"), Decimal("11.64"))
        daily = interest_for(1, "1000", "8.5")
        self.assertEqual((daily, 50 * daily), (Decimal("0.23"), Decimal("11.50")))

    def test_m2_fr_4_exact_value_is_not_cut_off(self):
        # https://www.jobaround.com/
        # comment-calculer-le-montant-des-penalites-de-retard-de-paiement/: 2.14, for 29 days from
        # the day after 30 April 2020; exactly it is 2.1452
        case = ("1000", "2.70", date(2020, 5, 1), date(2020, 5, 29), "40")
        exact = claim_between(*case, unit=Decimal("0.0001")).interest
        rounded = claim_between(*case).interest
        self.assertEqual((exact, rounded), (Decimal("2.1452"), Decimal("2.15")))
        claim = claim_between(*case, rounding="down")
        self.assertEqual((claim.interest, claim.total), (Decimal("2.14"), Decimal("42.14")))

    def test_m2_fr_5_cut_off(self):
        # as FR-4; rounded 8.64
        case = ("1000", "10.87", date(2020, 5, 1), date(2020, 5, 29), "40")
        claim = claim_between(*case, rounding="down")
        self.assertEqual((claim.interest, claim.total), (Decimal("8.63"), Decimal("48.63")))

    def test_m2_ro_1_cut_off(self):
        # https://avocatnet.ro/forum/discutie_3512/Calcul-dobanda-legala.html: a rate for each
        # month, so each is a debt of its own; rounded, the first is 1,203,616.44
        february = ("100000000", "15.69", date(2005, 2, 1), date(2005, 2, 28))
        march = ("100000000", "10.75", date(2005, 3, 1), date(2005, 3, 15))
        for case, printed in ((february, "1203616.43"), (march, "441780.82")):
            claim = claim_between(*case, rounding="down")
            self.assertEqual(claim.interest, Decimal(printed))
        self.assertEqual(claim_between(*march).interest, Decimal("441780.82"))


if __name__ == "__main__":
    unittest.main()
