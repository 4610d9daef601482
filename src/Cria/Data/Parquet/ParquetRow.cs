using System.Text.Json;

namespace Cria.Data.Parquet;

/// <summary>Puts the entries of the leaf columns together to rows again, as JSON.</summary>
internal sealed class ParquetRow(ParquetNode schema, IReadOnlyDictionary<ParquetNode, ParquetColumn> columns, IReadOnlySet<string>? wanted)
{
    /// <summary>Writes the fields of the next row. One that nobody wants is named, with null for a value.</summary>
    public void Write(Utf8JsonWriter json)
    {
        foreach (var field in schema.Children)
        {
            json.WritePropertyName(field.Name);
            if (wanted?.Contains(field.Name) != false)
                Value(field, json);
            else
                json.WriteNullValue();
        }
    }

    /// <summary>The leaf columns that are read.</summary>
    public IEnumerable<ParquetNode> Leaves => schema.Children.Where(column => wanted?.Contains(column.Name) != false).SelectMany(column => column.Leaves);

    private void Value(ParquetNode node, Utf8JsonWriter json)
    {
        var first = columns[node.Leaves[0]];
        if (node.IsRepeated)
            Repeated(node, node, first, json);
        else if (node.IsOptional && first.Definition < node.Definition)
            Absent(node, json);
        else if (node.IsList)
            Repeated(node.Children[0], Element(node), first, json);
        else
            Present(node, json);
    }

    // A repeated node itself, whether it is optional is told already.
    private void Present(ParquetNode node, Utf8JsonWriter json)
    {
        if (node.Children.Count == 0)
        {
            columns[node].Take(json);
            return;
        }
        json.WriteStartObject();
        foreach (var child in node.Children)
        {
            json.WritePropertyName(child.Name);
            Value(child, json);
        }
        json.WriteEndObject();
    }

    private void Repeated(ParquetNode repeated, ParquetNode element, ParquetColumn first, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        if (first.Definition < repeated.Definition)
        {
            Pass(repeated);
        }
        else
        {
            do
            {
                if (element == repeated)
                    Present(element, json);
                else
                    Value(element, json);
                TooLong(json);
            }
            while (first.Repetition == repeated.Repetition);
        }
        json.WriteEndArray();
    }

    private void Absent(ParquetNode node, Utf8JsonWriter json)
    {
        Pass(node);
        json.WriteNullValue();
    }

    private void Pass(ParquetNode node)
    {
        foreach (var leaf in node.Leaves)
            columns[leaf].Take(null);
    }

    // Writers differ in whether the repeated group is the element or only holds it: parquet-format, LogicalTypes.md, "Backward-compatibility rules".
    private static ParquetNode Element(ParquetNode list)
    {
        var repeated = list.Children[0];
        bool holds = repeated.Children.Count == 1 && repeated.Name != "array" && repeated.Name != $"{list.Name}_tuple";
        return holds ? repeated.Children[0] : repeated;
    }

    private static void TooLong(Utf8JsonWriter json)
    {
        if (json.BytesPending + json.BytesCommitted > RecordFile.LongestRecord)
            throw new InvalidDataException($"a row has more than {RecordFile.LongestRecord >> 20} MiB");
    }
}
