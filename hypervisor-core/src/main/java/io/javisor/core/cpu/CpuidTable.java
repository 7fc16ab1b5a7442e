package io.javisor.core.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** CPUID answers while a model is worked out. */
final class CpuidTable {
    private final List<CpuidEntry> entries;

    CpuidTable(List<CpuidEntry> entries) {
        this.entries = new ArrayList<>(entries);
    }

    List<CpuidEntry> entries() {
        return List.copyOf(entries);
    }

    @Nullable
    CpuidEntry find(int function, int index) {
        for (CpuidEntry entry : entries) {
            if (entry.answers(function, index)) {
                return entry;
            }
        }
        return null;
    }

    /** The highest basic leaf. */
    int maxLeaf() {
        CpuidEntry entry = find(0, 0);
        return entry == null ? 0 : entry.eax();
    }

    /** Changes the answers of a leaf, in all its subleaves, if it is there. */
    void update(int function, UnaryOperator<CpuidEntry> change) {
        for (int i = 0; i < entries.size(); i++) {
            CpuidEntry entry = entries.get(i);
            if (entry.function() == function) {
                entries.set(i, change.apply(entry));
            }
        }
    }

    void updateAll(UnaryOperator<CpuidEntry> change) {
        entries.replaceAll(change);
    }

    /** Puts an answer in place of the one for the same leaf and subleaf, or beside the others. */
    void put(CpuidEntry entry) {
        removeIf(old -> old.function() == entry.function() && old.index() == entry.index());
        entries.add(entry);
    }

    void removeIf(Predicate<CpuidEntry> predicate) {
        entries.removeIf(predicate);
    }
}
