import OutreachModel
import Testing

@Suite("Amounts of money")
struct MoneyTextTests {
    @Test(
        "Amounts as people write them become minor units",
        arguments: [
            ("20", 2_000), ("20.5", 2_050), ("20.05", 2_005), ("£20", 2_000), ("1,020.50", 102_050), ("0", 0),
            ("0.01", 1), ("1000", 100_000),
        ])
    func read(text: String, minor: Int64) {
        #expect(MoneyText.minorUnits(text) == minor)
    }

    @Test(
        "What is no amount is none",
        arguments: [
            "", "£", "-5", "20.", "20.555", "20.x", "2,0", "1,0000", "+3", "3.+1", "twenty", "20 GBP", "1e3",
            "99999999999999999999", "٣",
        ])
    func refuse(text: String) {
        #expect(MoneyText.minorUnits(text) == nil)
    }

    @Test(
        "A sign that is not one of the currency is found",
        arguments: [
            ("£20", "GBP", nil), ("20", "EUR", nil), ("€20", "GBP", "€"), ("€20", "EUR", nil), ("£20", "EUR", "£"),
            ("$20", "GBP", "$"), ("$20", "CAD", nil),
        ] as [(String, String, Character?)])
    func sign(text: String, currency: String, wrong: Character?) {
        #expect(MoneyText.wrongSign(text, currency: currency) == wrong)
    }

    @Test("Amounts are shown with two decimals")
    func show() {
        #expect(MoneyText.shown(2_005) == "20.05")
        #expect(MoneyText.shown(0) == "0.00")
        #expect(MoneyText.shown(100_000) == "1000.00")
    }

    @Test("A currency is one that there is, in capital letters, and divided into hundredths")
    func currencies() {
        for text in ["GBP", "EUR", "ZMW", "CHF"] { #expect(MoneyText.isCurrency(text)) }
        for text in ["gbp", "GB", "GBPX", "JPY", "KWD", "£", "GPB", "XXQ", "XAU", ""] {
            #expect(!MoneyText.isCurrency(text))
        }
    }

    @Test(
        "The usual currency that was meant is found, and none where none is near",
        arguments: [
            ("GPB", "GBP"), ("gpb", "GBP"), ("GDP", "GBP"), ("EURO", "EUR"), ("USB", "USD"), ("XXQ", nil), ("JPY", nil),
            ("POUNDS", nil),
        ] as [(String, String?)])
    func near(typed: String, meant: String?) {
        #expect(MoneyText.nearCurrency(typed) == meant)
    }
}
