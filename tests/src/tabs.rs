//! Several tabs of one browser: they ask at the same time, and share its cookies as they are at every moment.

use std::sync::{Arc, Mutex};

use reqwest::Method;

use crate::browser::{Answer, Browser};

/// The tabs. Whoever has a clone has another tab.
#[derive(Clone, Debug)]
pub struct Tabs(Arc<Mutex<Browser>>);

impl Tabs {
    /// Of this browser.
    pub fn of(browser: Browser) -> Self {
        Self(Arc::new(Mutex::new(browser)))
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a request with the cookies that there are now. Those of the answer are there for all tabs as soon as its head
    /// has come.
    pub async fn send(&self, method: Method, path: &str, body: String) -> Answer {
        let request = self.0.lock().unwrap().request(method, path).body(body);
        let response = request.send().await.expect("the edge answers");
        self.0.lock().unwrap().keep_all(response.headers());
        Answer::read(response).await
    }

    /// The browser as it is now.
    pub fn browser(&self) -> Browser {
        self.0.lock().unwrap().clone()
    }

    /// Changes the browser.
    pub fn change<T>(&self, change: impl FnOnce(&mut Browser) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }
}
