package io.javisor.images.grub;

import io.javisor.images.bls.BlsEntry;
import io.javisor.images.disk.Volume;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry of a menu. */
sealed interface GrubMenuItem {
    String title();

    /** The title if it has none of its own. */
    String id();

    /** Why title and id may be others than these; null if they are known. */
    @Nullable
    String doubt();

    /**
     * One that a script defines.
     *
     * @param submenu whether its body defines a menu, and boots nothing itself
     * @param arguments the title first, then what {@code $2} and so on stand for in the body
     */
    record Script(
            String title,
            String id,
            @Nullable String doubt,
            boolean submenu,
            List<String> arguments,
            List<GrubNode> body)
            implements GrubMenuItem {}

    /** One that {@code blscfg} found in {@code directory}. */
    record Bls(BlsEntry entry, Volume volume, String directory) implements GrubMenuItem {
        @Override
        public String title() {
            return entry.title();
        }

        @Override
        public String id() {
            return entry.id();
        }

        @Override
        public @Nullable String doubt() {
            return null;
        }
    }
}
