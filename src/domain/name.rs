//! Friendly names for people who gave none.

use super::{Lang, MemberId};

const MOODS: [(&str, &str); 48] = [
    ("느긋한", "Easygoing"),
    ("졸린", "Sleepy"),
    ("반짝이는", "Shiny"),
    ("조용한", "Quiet"),
    ("씩씩한", "Brave"),
    ("수줍은", "Shy"),
    ("장난꾸러기", "Playful"),
    ("배고픈", "Hungry"),
    ("상냥한", "Gentle"),
    ("용감한", "Bold"),
    ("엉뚱한", "Quirky"),
    ("포근한", "Cozy"),
    ("재빠른", "Swift"),
    ("통통한", "Plump"),
    ("영리한", "Clever"),
    ("들뜬", "Giddy"),
    ("나른한", "Drowsy"),
    ("명랑한", "Cheery"),
    ("꼼꼼한", "Careful"),
    ("덤벙대는", "Clumsy"),
    ("산뜻한", "Breezy"),
    ("의젓한", "Noble"),
    ("깜찍한", "Cute"),
    ("든든한", "Sturdy"),
    ("호기심 많은", "Curious"),
    ("춤추는", "Dancing"),
    ("노래하는", "Singing"),
    ("웃는", "Laughing"),
    ("꿈꾸는", "Dreamy"),
    ("뒹구는", "Rolling"),
    ("달리는", "Running"),
    ("산책하는", "Strolling"),
    ("느림보", "Slow"),
    ("동그란", "Round"),
    ("복슬복슬한", "Fluffy"),
    ("보송보송한", "Downy"),
    ("말랑한", "Squishy"),
    ("새침한", "Prim"),
    ("당당한", "Proud"),
    ("차분한", "Calm"),
    ("신난", "Excited"),
    ("소심한", "Timid"),
    ("부지런한", "Busy"),
    ("한가한", "Idle"),
    ("따뜻한", "Warm"),
    ("시원한", "Cool"),
    ("달콤한", "Sweet"),
    ("엉성한", "Scruffy"),
];

const ANIMALS: [(&str, &str); 48] = [
    ("수달", "Otter"),
    ("고래", "Whale"),
    ("너구리", "Raccoon"),
    ("왜가리", "Heron"),
    ("두더지", "Mole"),
    ("펭귄", "Penguin"),
    ("여우", "Fox"),
    ("고양이", "Cat"),
    ("강아지", "Puppy"),
    ("토끼", "Rabbit"),
    ("다람쥐", "Squirrel"),
    ("부엉이", "Owl"),
    ("오리", "Duck"),
    ("거북이", "Turtle"),
    ("고슴도치", "Hedgehog"),
    ("판다", "Panda"),
    ("코알라", "Koala"),
    ("나무늘보", "Sloth"),
    ("알파카", "Alpaca"),
    ("카피바라", "Capybara"),
    ("문어", "Octopus"),
    ("물범", "Seal"),
    ("돌고래", "Dolphin"),
    ("참새", "Sparrow"),
    ("까치", "Magpie"),
    ("제비", "Swallow"),
    ("두루미", "Crane"),
    ("사슴", "Deer"),
    ("곰", "Bear"),
    ("호랑이", "Tiger"),
    ("사자", "Lion"),
    ("기린", "Giraffe"),
    ("코끼리", "Elephant"),
    ("하마", "Hippo"),
    ("양", "Sheep"),
    ("염소", "Goat"),
    ("당나귀", "Donkey"),
    ("망아지", "Foal"),
    ("병아리", "Chick"),
    ("햄스터", "Hamster"),
    ("족제비", "Weasel"),
    ("미어캣", "Meerkat"),
    ("개구리", "Frog"),
    ("도롱뇽", "Newt"),
    ("달팽이", "Snail"),
    ("꿀벌", "Bee"),
    ("나비", "Butterfly"),
    ("무당벌레", "Ladybug"),
];

/// "느긋한 수달" or "Easygoing Otter": the same for the same member, one of 2,304.
pub fn friendly_name(id: MemberId, lang: Lang) -> String {
    let number = u64::from_be_bytes(*id.as_bytes());
    let mood = MOODS[(number % MOODS.len() as u64) as usize];
    let animal = ANIMALS[(number / MOODS.len() as u64 % ANIMALS.len() as u64) as usize];
    match lang {
        Lang::Ko => format!("{} {}", mood.0, animal.0),
        Lang::En => format!("{} {}", mood.1, animal.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_one_name_in_each_language() {
        let id = MemberId::from_bytes([0; 8]);
        assert_eq!(friendly_name(id, Lang::Ko), "느긋한 수달");
        assert_eq!(friendly_name(id, Lang::En), "Easygoing Otter");
        assert_ne!(friendly_name(MemberId::from_bytes([0, 0, 0, 0, 0, 0, 0, 1]), Lang::En), "Easygoing Otter");
    }
}
