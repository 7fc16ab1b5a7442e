package io.javisor.core.engine;

/**
 * How often an engine that makes code of the guest's instructions carried one out singly instead, which is slow.
 *
 * @param instruction its mnemonic, in small letters
 * @param reason why, of small letters and underscores; the words are the engine's own
 * @param count how often, above 0
 */
public record StepCount(String instruction, String reason, long count) {}
