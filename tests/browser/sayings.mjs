// What people say to each other in the pictures of `shots.mjs`.

export const SAYINGS = {
  'ko-KR': {
    title: '금요일 저녁 뭐 먹지?',
    others: ['고양이 자랑하는 방', '마감 전날의 우리', '비밀 생일 파티', '둘이서만'],
    talk: [
      [0, '오늘 저녁 같이 먹을 사람?'],
      [2, '저요. 매운 거 빼고 다 좋아요'],
      [1, '그럼 망원동 파스타 어때? 지난번에 못 갔잖아'],
      'gif',
      [2, '고양이도 신났네 ㅋㅋㅋ'],
      [0, '일곱 시에 역 앞에서 만나요'],
    ],
    replies: ['나도 갈래요', '일곱 시 맞죠?', '이건 지울 거예요', '생일 케이크는 내가 살게. 쉿', '여덟 시로 바꿔요'],
    unsent: ['저 지금 출발해요', '늦으면 먼저 시켜 주세요. 저는 크림 들어간 걸로, 없으면 아무거나 괜찮아요', '지하철인데 자꾸 끊기네요'],
  },
  'en-GB': {
    title: 'Friday dinner, anyone?',
    others: ['Show me your cat', 'The night before the deadline', 'A secret birthday', 'Just us two'],
    talk: [
      [0, 'Who is up for dinner tonight?'],
      [2, 'Me. Anything but spicy food'],
      [1, 'Then pasta by the river? We never made it last time'],
      'gif',
      [2, 'Even the cat is excited'],
      [0, 'Seven o’clock, in front of the station'],
    ],
    replies: ['Count me in', 'Seven, right?', 'I will delete this', 'The cake is on me. Hush', 'Make it eight'],
    unsent: ['I am leaving now', 'Order without me if I am late. Something with cream for me, or anything really', 'I am on the underground, it keeps breaking up'],
  },
}
