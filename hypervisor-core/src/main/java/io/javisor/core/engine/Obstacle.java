package io.javisor.core.engine;

/**
 * Why an engine is not to be taken, or not gladly: one line in two parts, of which the first is a sentence by itself.
 *
 * @param what what is wrong
 * @param more its reasons and remedies, with the mark or word that joins them to the first, such as {@code "; KVM is not loaded"}; may be empty
 */
public record Obstacle(String what, String more) {
    /** One without reasons and remedies. */
    public static Obstacle of(String what) {
        return new Obstacle(what, "");
    }

    /** The whole line. */
    @Override
    public String toString() {
        return what + more;
    }
}
