//! What is known of the files of GIFs: what was made of them, and what is lost.

use tokio::sync::oneshot;

use super::on_both;
use super::place::{MANY, Place, gif};
use crate::store::{Files, Rendered, Renditions, SpaceLimits};

on_both! {
    what_is_lost_is_not_there_and_not_counted,
    what_is_found_again_is_counted_again,
}

const FILES: Files = Files { source: None, poster: 3, original: 20 };

async fn what_is_lost_is_not_there_and_not_counted(place: Place) {
    let store = place.open().await;
    let (room, caller) = (place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let show = async |number| {
        let (tell, told) = oneshot::channel();
        let turn = store.turn().await.unwrap();
        let new = place.gif(room.id, &caller, number);
        turn.show(new, FILES, SpaceLimits::default(), move |posted| drop(tell.send(posted)));
        told.await.unwrap().unwrap();
    };
    let counted = async || store.space(room.id, caller.session).await.unwrap().server;
    let known = async |number| {
        let Renditions { webp, poster } = store.renditions(gif(number).hash).await.unwrap().unwrap();
        (webp, poster)
    };
    show(1).await;
    show(2).await;
    let (one, two) = (gif(1), gif(2));
    for (gif, webp) in [(one, 7), (two, 0)] {
        assert!(store.rendered(gif.hash, Rendered { webp: Some(webp), ..Rendered::default() }).await.unwrap());
    }
    assert_eq!(counted().await, one.bytes + two.bytes + 2 * (3 + 20) + 7);

    for news in [vec![one.hash, two.hash], vec![]] {
        assert_eq!(store.mark_lost(vec![one.hash, two.hash]).await.unwrap(), news);
        assert_eq!(counted().await, one.bytes + two.bytes, "only the GIFs, which are owed");
    }
    assert_eq!((known(1).await, known(2).await), ((None, 0), (None, 0)));
    assert_eq!(store.gifs_to_render(None, 10).await.unwrap(), [], "of what is not there nothing can be made");

    show(1).await;
    assert_eq!((known(1).await, counted().await), ((None, 3), one.bytes + two.bytes + 3 + 20));
    assert_eq!(store.gifs_to_render(None, 10).await.unwrap(), [one.hash]);
    store.remove_room(room.id).await.unwrap();
    assert_eq!(counted().await, 0);
}

async fn what_is_found_again_is_counted_again(place: Place) {
    let store = place.open().await;
    let (room, caller) = (place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let turn = store.turn().await.unwrap();
    let (tell, told) = oneshot::channel();
    turn.show(place.gif(room.id, &caller, 1), FILES, SpaceLimits::default(), move |posted| drop(tell.send(posted)));
    told.await.unwrap().unwrap();
    let hash = gif(1).hash;
    let rendered = Rendered { webp: Some(7), poster: Some(3), original: Some(20), look: None };
    assert!(store.rendered(hash, rendered).await.unwrap());
    let counted = async || store.space(room.id, caller.session).await.unwrap().server;
    let before = counted().await;

    store.mark_found(vec![hash]).await.unwrap();
    assert_eq!(store.gifs_to_render(None, 10).await.unwrap(), [], "it was not gone");
    store.mark_lost(vec![hash]).await.unwrap();
    assert_eq!(store.gif_hashes().await.unwrap(), [(hash, true)]);
    store.mark_found(vec![hash]).await.unwrap();
    assert_eq!(store.gif_hashes().await.unwrap(), [(hash, false)]);
    assert_eq!(store.gifs_to_render(None, 10).await.unwrap(), [hash]);
    assert_eq!(counted().await, gif(1).bytes, "the rest when it was measured");
    assert!(store.rendered(hash, rendered).await.unwrap());
    assert_eq!(counted().await, before);
}
