/// What people in Britain are called for short, and the spellings of a name that sound alike and are written far apart.
///
/// It is kept to what is common, and to names that people go by beside the long one: Jack is hardly ever a John today.
enum Nicknames {
    /// One name in each line: what else whoever has it may be called. A short name may belong to several.
    private static let lines = """
        abigail abi abbie abby
        alan allan allen al
        albert al bert bertie
        alexander alex alec xander
        alexandra alex lexi lexie
        alfred alf alfie fred freddie
        amanda mandy
        andrew andy drew
        angela angie ange
        ann anne annie
        anthony antony tony
        archibald archie
        barbara barb babs
        benjamin ben benny benji
        bernard bernie
        brian bryan
        catherine katherine kathryn cathy kathy cath kath kate katie kat kitty
        charles charlie charley chas
        charlotte charlie lottie
        christine chris chrissie
        christina christine tina
        christopher chris kit
        clifford cliff
        daniel dan danny
        david dave davey davy
        deborah debra debbie deb
        dennis denis den denny
        derek derrick del
        diana di
        dominic dom
        donald don donnie
        dorothy dot dottie
        douglas doug dougie
        edward ed eddie eddy ted teddy ned
        eleanor ellie nell
        elizabeth elisabeth liz lizzie lizzy beth betty eliza libby
        ellen ellie nell
        emily em
        ernest ernie ern
        florence flo florrie
        frances fran frankie
        francesca fran
        francis frank frankie
        frederick fred freddie freddy
        gabriel gabe
        gabrielle gabriella gabby gabi
        gavin gav
        geoffrey geoff jeffrey jeff
        george georgie
        georgina georgia georgie gina
        gerald gerry jerry
        gerard gerry
        gillian gill jill
        graham graeme
        gregory greg
        harold harry hal
        harriet hattie
        henry harry hal
        herbert herb bert bertie
        hugh huw hughie
        ian iain
        isabel isobel isabelle isabella bella izzy issy
        jacob jake
        jacqueline jackie jacqui
        james jim jimmy jamie
        jane janie
        janet jan
        janice jan
        jennifer jen jenny
        jeremy jerry jez
        jessica jess jessie
        joanna joanne jo
        john johnny
        jonathan jonathon jon jonny johnny
        joseph joe joey
        josephine jo josie
        joshua josh
        judith judy jude
        kenneth ken kenny
        kevin kev
        kimberley kimberly kim
        lawrence laurence larry laurie
        leonard len lenny
        leslie lesley les
        lillian lily lil
        linda lynda lin
        louis louie lou
        louise lou
        madeleine madeline maddie maddy
        margaret maggie meg peggy marge
        mark marc
        martin marty
        matilda tilly tilda
        matthew matt matty
        maxine max
        maximilian max
        megan meg
        melanie mel
        melissa mel
        michael mike mick micky mickey
        mohammed muhammad mohammad mohamed muhammed mo
        natalie nat
        natasha tasha nat
        nathan nat
        nathaniel nathan nate nat
        nicholas nicolas nick nicky
        nicola nicky nikki
        nigel nige
        norman norm
        oliver ollie olly
        olivia liv livvy
        pamela pam
        patricia pat trish tricia patsy
        patrick pat paddy
        penelope penny
        peter pete
        philip phillip phil
        philippa pippa pip
        rachel rachael rach
        raymond ray
        rebecca becky becca bex
        reginald reg reggie
        richard rich richie rick ricky dick
        robert rob robbie bob bobby
        ronald ron ronnie
        rosemary rose rosie
        russell russ
        samantha sam sammy
        samuel sam sammy
        sandra sandy
        sean shaun shawn
        sidney sydney sid syd
        simon si
        stanley stan
        stephanie steph
        stephen steven steve stevie
        stuart stewart stu
        susan sue susie suzie suzy
        suzanne susanne sue suzie suzy
        terence terrence terry
        theodore theo ted teddy
        theresa teresa terri tess tessa
        thomas tom tommy
        timothy tim timmy
        tobias toby
        trevor trev
        valerie val
        victor vic
        victoria vicky vicki tori
        vincent vince vinnie
        vivienne vivien vivian viv
        walter walt wally
        william will willie bill billy
        winifred win winnie
        zachary zac zach zak
        """

    private static let numbers: [String: [Int]] = {
        var numbers: [String: [Int]] = [:]
        for (number, line) in lines.split(separator: "\n").enumerated() {
            for name in line.split(separator: " ") { numbers[String(name), default: []].append(number) }
        }
        return numbers
    }()

    /// The numbers of the names that somebody with this one may have; none for a name without a short one.
    ///
    /// - Parameter word: in the form of `TextMatch.key`.
    static func names(_ word: String) -> [Int] { numbers[word] ?? [] }

    /// Whether somebody may be called both.
    static func areOfOne(_ left: String, _ right: String) -> Bool {
        let names = names(left)
        return !names.isEmpty && Self.names(right).contains(where: names.contains)
    }
}
