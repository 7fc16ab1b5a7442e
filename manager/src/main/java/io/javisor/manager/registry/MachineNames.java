package io.javisor.manager.registry;

import java.util.random.RandomGenerator;

/** Names for machines that are given none. */
final class MachineNames {
    private static final String[] QUALITIES = {
        "able", "airy", "bold", "brave", "brisk", "calm", "clear", "clever", "cosy", "crisp", "deft", "eager", "fair",
        "fleet", "fond", "free", "fresh", "gentle", "glad", "grand", "hardy", "honest", "jolly", "keen", "kind",
        "light", "lively", "lucky", "mellow", "merry", "mild", "neat", "nimble", "noble", "plain", "proud", "quick",
        "quiet", "ready", "sharp", "silent", "smart", "snug", "sober", "solid", "spry", "steady", "still", "sunny",
        "swift", "tidy", "true", "vivid", "warm", "wise", "witty"
    };
    private static final String[] THINGS = {
        "alder", "aspen", "badger", "beaver", "birch", "bison", "cedar", "cobra", "crane", "curlew", "dove", "eagle",
        "elm", "falcon", "fern", "finch", "fox", "gecko", "hare", "hawk", "hazel", "heron", "ibex", "iris", "jay",
        "juniper", "kite", "larch", "lark", "lemur", "linden", "lynx", "maple", "marten", "merlin", "moss", "newt",
        "oak", "orca", "osprey", "otter", "owl", "panda", "pine", "plover", "poplar", "puffin", "raven", "robin",
        "rowan", "sable", "seal", "spruce", "stork", "swan", "tapir", "tern", "thrush", "tiger", "vole", "willow",
        "wren", "yak", "yew"
    };

    private MachineNames() {}

    /**
     * Makes one up: two words, and a number from the third attempt on.
     *
     * @param attempt how many were taken so far
     */
    static String next(RandomGenerator random, int attempt) {
        String words = QUALITIES[random.nextInt(QUALITIES.length)] + "-" + THINGS[random.nextInt(THINGS.length)];
        return attempt < 2 ? words : words + "-" + random.nextInt(2, 1000);
    }
}
