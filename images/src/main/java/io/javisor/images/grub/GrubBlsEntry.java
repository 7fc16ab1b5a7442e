package io.javisor.images.grub;

import io.javisor.images.bls.BlsEntry;
import java.util.ArrayList;
import java.util.List;

/** What {@code blscfg} makes of an entry: a script, whose paths are those of the file system that the entry is in. */
record GrubBlsEntry(GrubMenuItem.Bls item, GrubDisk disk) {
    private static final String DEFAULT_OPTIONS = "default_kernelopts";

    /** @param variables what the paths of initrds may name; the script takes its own */
    String script(GrubVariables variables) {
        BlsEntry entry = item.entry();
        String device = "(%s)".formatted(disk.device(item.volume()));
        String options = entry.joined("options");
        List<String> initrds = new ArrayList<>();
        for (String path : variables.expand(entry.joined("initrd")).strip().split("\\s+", -1)) {
            if (!path.isEmpty()) {
                initrds.add(device + path);
            }
        }
        return "linux %s%s %s\n%s"
                .formatted(
                        device,
                        entry.value("linux").strip(),
                        options.isBlank() ? "$" + DEFAULT_OPTIONS : options,
                        initrds.isEmpty() ? "" : "initrd " + String.join(" ", initrds));
    }
}
