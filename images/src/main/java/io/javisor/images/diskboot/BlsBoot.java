package io.javisor.images.diskboot;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.bls.BlsDirectory;
import io.javisor.images.bls.BlsEntry;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Volume;
import io.javisor.images.grub.GrubConfig;
import io.javisor.images.grub.GrubEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Boot entries without a boot loader's script. Fedora's have variables, which its {@code blscfg} takes from GRUB's environment block; one that is
 * in none makes the entry unbootable.
 *
 * @param problems takes what is wrong with entries, a line each
 */
record BlsBoot(List<Volume> volumes, List<String> problems) {
    private static final Pattern REFERENCE = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+))?");

    private static final int INITRD_COUNT_MAX = 16;

    /** Those of tuned, which are set only where it has a profile that needs them. */
    private static final Set<String> OPTIONAL = Set.of("tuned_params", "tuned_initrd");

    /** The best entry whose files are there and whose values are known; null if there is none. */
    @Nullable
    BootFiles first() {
        Map<String, String> variables = GrubEnvironment.read(volumes);
        for (String directory : BlsDirectory.PATHS) {
            for (Volume volume : volumes) {
                for (BlsEntry entry : entries(volume, directory)) {
                    BootFiles found = boot(volume, directory, entry, variables);
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    private List<BlsEntry> entries(Volume volume, String directory) {
        try {
            return BlsDirectory.entries(volume.files(), directory);
        } catch (ImageException e) {
            problems.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    private @Nullable BootFiles boot(Volume volume, String directory, BlsEntry entry, Map<String, String> variables) {
        String name = "entry '%s' in %s of partition %d"
                .formatted(
                        Printable.asciiLine(entry.title()),
                        directory,
                        volume.partition().number());
        try {
            String kernelPath = expand(entry.value("linux"), variables);
            ByteSource kernel = volume.files().file(kernelPath);
            List<ByteSource> initrds = new ArrayList<>();
            boolean complete = kernel != null;
            for (String path : expand(entry.joined("initrd"), variables).split("\\s+", -1)) {
                ByteSource initrd = path.isEmpty() ? null : volume.files().file(path);
                complete &= path.isEmpty() || initrd != null;
                if (initrd != null) {
                    initrds.add(initrd);
                }
            }
            if (initrds.size() > INITRD_COUNT_MAX) {
                throw new ImageException("it has more than %d initrds".formatted(INITRD_COUNT_MAX));
            }
            String options = expand(entry.joined("options"), variables);
            if (!problems.isEmpty() && GrubConfig.isForRescue(kernelPath + " " + options)) {
                throw new ImageException("it is for rescue, and not booted because of a problem with another one");
            }
            if (kernel != null && complete) {
                return new BootFiles(kernel, initrds, options, name, List.of());
            }
            problems.add("entry '%s' names files that are not in partition %d"
                    .formatted(
                            Printable.asciiLine(entry.id()), volume.partition().number()));
        } catch (ImageException e) {
            problems.add(name + ": " + e.getMessage());
        }
        return null;
    }

    private static String expand(String text, Map<String, String> variables) {
        return REFERENCE
                .matcher(text)
                .replaceAll(match -> {
                    String variable = match.group(1) != null ? match.group(1) : match.group(2);
                    String value = variable == null ? null : variables.get(variable);
                    if (value == null && (variable == null || !OPTIONAL.contains(variable))) {
                        throw new ImageException("%s is not known: it is in no grubenv".formatted(match.group()));
                    }
                    return Matcher.quoteReplacement(value == null ? "" : value);
                })
                .strip();
    }
}
