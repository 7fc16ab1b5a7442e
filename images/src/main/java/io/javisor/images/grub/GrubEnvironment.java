package io.javisor.images.grub;

import io.javisor.images.disk.TextFiles;
import io.javisor.images.disk.Volume;
import java.util.List;
import java.util.Map;

/** GRUB's environment block, for those who read what is meant for GRUB without its script. */
public final class GrubEnvironment {
    private static final List<String> PATHS =
            List.of("/grub2/grubenv", "/grub/grubenv", "/boot/grub2/grubenv", "/boot/grub/grubenv");

    private GrubEnvironment() {}

    /**
     * The variables of the first block that is there; none if there is none.
     *
     * @throws io.javisor.images.ImageException if it can't be read
     */
    public static Map<String, String> read(List<Volume> volumes) {
        for (String path : PATHS) {
            for (Volume volume : volumes) {
                String text = TextFiles.text(volume.files(), path, GrubEnvironmentBlock.SIZE_MAX);
                if (GrubEnvironmentBlock.isOne(text)) {
                    return GrubEnvironmentBlock.parse(text);
                }
            }
        }
        return Map.of();
    }
}
