package io.javisor.emulator.decode;

/**
 * What a form does to the status flags, as masks of {@link Flags}.
 *
 * @param read what the result depends on
 * @param written what may be different afterwards, undefined ones too
 * @param maybe those of {@code written} that stay as they are in some cases, as with a shift by 0
 * @param undefined those of {@code written} whose value the manual leaves open
 */
public record FlagEffects(int read, int written, int maybe, int undefined) {
    static final FlagEffects NONE = new FlagEffects(0, 0, 0, 0);

    /** Whether the flags before matter to those after, or to the result. A flag that is left undefined may stay as it was. */
    public boolean needsOld() {
        return read != 0 || maybe != 0 || undefined != 0 || (written != 0 && written != Flags.STATUS);
    }
}
