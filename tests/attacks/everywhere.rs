//! Every path of a realm, generated from the route table: whoever adds a route is asked what its parameters stand for.

use poterne_idp::routes_of_a_realm;

/// Every path that the routes stand for, below the issuer. `values` tells what a parameter of a path stands for.
pub fn paths(values: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    routes_of_a_realm().iter().flat_map(|route| paths_of(route, &values)).collect()
}

fn paths_of(route: &str, values: &impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in route.split('/').skip(1) {
        let parameter = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let found = parameter.map_or_else(|| vec![part.to_owned()], values);
        paths = paths.iter().flat_map(|path| found.iter().map(move |value| format!("{path}/{value}"))).collect();
    }
    paths
}

/// What follows a part of a URL's path, such as the id after `/ui/login/`.
pub fn id_after(url: &str, part: &str) -> String {
    let rest = url.split_once(part).unwrap_or_else(|| panic!("no {part} in {url}")).1;
    rest.split(['/', '?', '&']).next().unwrap_or_default().to_owned()
}
